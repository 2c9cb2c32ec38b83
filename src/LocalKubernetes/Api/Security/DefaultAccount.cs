using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>A controller makes the account <c>default</c> of a new namespace a moment after it: whoever creates a pod right away is made to wait, not refused.</summary>
static class DefaultAccount
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    public static async Task AwaitAsync(Store store, string ns, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!Exists(store, "serviceaccounts", ns, "default") && Exists(store, "namespaces", null, ns) && time.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    static bool Exists(Store store, string plural, string? ns, string name)
    {
        try
        {
            store.Get(store.Kinds.Find("", "v1", plural)!, ns, name);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
