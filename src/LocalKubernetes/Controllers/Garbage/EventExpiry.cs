using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Garbage;

/// <summary>Removes events an hour after they last happened, as the API server's <c>--event-ttl</c> does.</summary>
public sealed class EventExpiry(IKubernetesApi api, TimeProvider time)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, cancellationToken);
                await ExpireAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    /// <summary>One pass over all events.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var list = await api.ListAsync<EventsV1Event>(null, new ListOptions { Limit = null }, cancellationToken);
        foreach (var old in list.Items.Where(one => time.GetUtcNow() - (one.Series?.LastObservedTime ?? one.EventTime ?? one.Metadata.CreationTimestamp) > Lifetime))
        {
            try
            {
                await api.DeleteAsync<EventsV1Event>(old.Metadata.NamespaceProperty, old.Metadata.Name!, new DeleteOptions(), cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                // somebody else removed it
            }
        }
    }
}
