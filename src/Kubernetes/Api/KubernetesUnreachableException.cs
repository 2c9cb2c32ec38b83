namespace Slotwise.Kubernetes.Api;

/// <summary>No answer came from the API server: whether the request took effect is unknown.</summary>
public sealed class KubernetesUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
