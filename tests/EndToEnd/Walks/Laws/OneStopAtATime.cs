using Slotwise.Kubernetes.Models;

namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>Of the pods that a shard shall have the operator ends one at a time, and those of one shard at a time. Nobody else ends any in a walk.</summary>
sealed class OneStopAtATime : WalkLaw
{
    readonly SortedDictionary<string, string> _stopped = new(StringComparer.Ordinal);
    Dictionary<string, string> _before = [];

    public override IEnumerable<string> Judge(WorldView view)
    {
        var pods = view.Pods.ToDictionary(pod => pod.Metadata.Name!);
        var wanted = view.Wishes.LeastSince(view.At - LongEnough);
        var newlyStopped = _before.Where(pod => IsStopped(pods.GetValueOrDefault(pod.Key), pod.Value) && IsWanted(pod.Key)).ToList();
        foreach (var (name, uid) in newlyStopped)
        {
            _stopped[name] = uid;
        }

        foreach (var name in _stopped.Keys.Where(name => pods.TryGetValue(name, out var pod) && pod.Metadata.Uid != _stopped[name] && WorldView.IsReady(pod)).ToList())
        {
            _stopped.Remove(name);
        }

        // What is not wanted any more need not come back.
        foreach (var name in _stopped.Keys.Where(name => !IsWanted(name)).ToList())
        {
            _stopped.Remove(name);
        }

        _before = pods.Values.Where(pod => pod.Metadata.DeletionTimestamp is null).ToDictionary(pod => pod.Metadata.Name!, pod => pod.Metadata.Uid!);
        if (newlyStopped.Count > 0 && _stopped.Count > 1)
        {
            yield return $"{string.Join(", ", newlyStopped.Select(pod => pod.Key))} is stopped, and not back are {string.Join(", ", _stopped.Keys)}";
        }

        bool IsWanted(string pod) => Wishes.PlaceOf(pod) is var place && place.Shard < wanted.Shards && place.Ordinal < wanted.Nodes;
    }

    static bool IsStopped(V1Pod? now, string uid) => now is null || now.Metadata.Uid != uid || now.Metadata.DeletionTimestamp is not null;
}
