namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>What part a container plays in its pod's life.</summary>
public enum ContainerKind
{
    /// <summary>Runs to its end before the next one starts.</summary>
    Init,

    /// <summary>An init container that restarts always: started in its turn, runs as long as the pod.</summary>
    Sidecar,

    Main,
}

/// <summary>What is known of a container, as it will stand in the pod's status.</summary>
public sealed record ContainerSnapshot(ContainerKind Kind, Slotwise.Kubernetes.Models.V1ContainerStatus Status);
