namespace Slotwise.Kubernetes.LeaderElection;

/// <summary>The lease could not be renewed in time or somebody else holds it: this process must stop acting, best by ending.</summary>
public sealed class LeadershipLostException(string message) : Exception(message);
