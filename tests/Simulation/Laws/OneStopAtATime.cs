using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>Of the pods that a shard shall have, the operator ends one at a time, and of no more shards at a time than it may.</summary>
sealed class OneStopAtATime() : Law("3", "at most one pod per shard is stopped by us")
{
    readonly SortedDictionary<string, (int Shard, string Uid)> _stopped = new(StringComparer.Ordinal);

    public override void Stopped(ObjectWrite write, IReadOnlyList<StoppedPod> pods)
    {
        ArgumentNullException.ThrowIfNull(pods);
        foreach (var (pod, uid) in pods.Select(pod => (pod.Name, pod.Uid)))
        {
            if (RunWorld.PlaceOf(pod) is not { } place || !World.IsWanted(place))
            {
                continue;
            }

            foreach (var name in _stopped.Where(stopped => World.IsBackInService(stopped.Key, stopped.Value.Uid) || !World.IsWanted(RunWorld.PlaceOf(stopped.Key)!.Value)).Select(stopped => stopped.Key).ToList())
            {
                _stopped.Remove(name);
            }

            _stopped[pod] = (place.Shard, uid);
            if (_stopped.Values.Count(stopped => stopped.Shard == place.Shard) > 1)
            {
                Violated(pod, $"is stopped while {string.Join(", ", _stopped.Keys.Where(other => other != pod))} is not back", "the shard loses more copies than one at a time");
            }
            else if (_stopped.Values.Select(stopped => stopped.Shard).Distinct().Count() > World.MaxParallelShards)
            {
                Violated(pod, $"is stopped while {string.Join(", ", _stopped.Keys.Where(other => other != pod))} is not back", "more shards are disturbed than update.maxParallelShards allows");
            }
        }
    }
}
