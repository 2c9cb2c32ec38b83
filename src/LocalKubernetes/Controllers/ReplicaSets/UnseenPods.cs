using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>
/// The pods that were made and removed and that the cache does not show so yet. Without it a set would make too many: their names
/// are random, so nothing else refuses a second one. (client-go's expectations.)
/// </summary>
sealed class UnseenPods(TimeProvider time)
{
    // a pod that came and went between two looks at the cache is never seen
    static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(10);

    readonly Lock _gate = new();
    readonly Dictionary<string, (string Owner, V1Pod? Created, long Since)> _pods = [];

    public void Created(string owner, V1Pod pod) => Note(owner, pod.Metadata.Uid ?? "", pod);

    public void Deleted(string owner, V1Pod pod) => Note(owner, pod.Metadata.Uid ?? "", null);

    /// <summary>An owner's active pods, as the cache will show them.</summary>
    public IReadOnlyList<V1Pod> Correct(string owner, IReadOnlyList<V1Pod> cached)
    {
        lock (_gate)
        {
            foreach (var uid in _pods.Where(entry => time.GetElapsedTime(entry.Value.Since) > Forgotten).Select(entry => entry.Key).ToList())
            {
                _pods.Remove(uid);
            }

            foreach (var pod in cached.Where(pod => _pods.TryGetValue(pod.Metadata.Uid ?? "", out var entry) && entry.Created is not null))
            {
                _pods.Remove(pod.Metadata.Uid!);
            }

            var created = _pods.Values.Where(entry => entry.Owner == owner && entry.Created is not null).Select(entry => entry.Created!);
            return [.. cached.Where(pod => !_pods.ContainsKey(pod.Metadata.Uid ?? "")), .. created];
        }
    }

    void Note(string owner, string uid, V1Pod? created)
    {
        lock (_gate)
        {
            _pods[uid] = (owner, created, time.GetTimestamp());
        }
    }
}
