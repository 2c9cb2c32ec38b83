namespace Slotwise.Kubernetes.Cache;

/// <summary>Keeps a local copy of one kind up to date.</summary>
public interface IInformer
{
    /// <summary>What is copied, for messages: such as <c>pods in shop</c>.</summary>
    string Name { get; }

    bool HasSynced { get; }

    /// <summary>Why the copy is behind at the moment; null when it is not.</summary>
    string? Trouble { get; }

    /// <summary>Lists and watches until cancelled; whatever goes wrong is tried again, later and later up to 30 s.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the first complete list is in.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
