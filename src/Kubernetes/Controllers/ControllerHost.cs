using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.LeaderElection;

namespace Slotwise.Kubernetes.Controllers;

/// <summary>
/// Runs informers and the work that needs them. On standby the informers run too, so that a new leader starts with warm caches;
/// on shutdown the work ends first, as its last passes still read the caches.
/// </summary>
/// <param name="work">Such as <see cref="Controller{T}.RunAsync"/>; runs while this process leads, or always without an elector.</param>
public sealed class ControllerHost(IReadOnlyList<IInformer> informers, Func<CancellationToken, Task> work, LeaderElector? elector)
{
    public bool HasSynced => informers.All(informer => informer.HasSynced);

    /// <exception cref="LeadershipLostException">Another process may lead now: end this one.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var informing = new CancellationTokenSource();
        var caches = informers.Select(informer => informer.RunAsync(informing.Token)).ToList();
        var working = elector is null ? work(cancellationToken) : elector.RunAsync(work, cancellationToken);
        var first = await Task.WhenAny([working, .. caches]);
        if (first != working)
        {
            await first; // an informer ends only by a defect: better to end than to work on a cache that stands still
        }

        try
        {
            await working;
        }
        finally
        {
            informing.Cancel();
        }

        await Task.WhenAll(caches);
    }
}
