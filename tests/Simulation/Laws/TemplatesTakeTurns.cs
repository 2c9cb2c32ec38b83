using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// The pod template of a shard whose pods all serve is edited only when its turn has come: while fewer shards than may be updated at a time have an edited one and pods that are
/// not made from it yet and ready. Until then a lost host brings back pods that are known to work.
/// </summary>
sealed class TemplatesTakeTurns() : Law("3", "templates are edited in turns")
{
    /// <summary>The longest that an observation takes, and a pass with it: until then a shard may be edited because a pod of it did not run.</summary>
    static readonly TimeSpan Observing = TimeSpan.FromSeconds(3);

    readonly SortedDictionary<int, (string Uid, string? Stamp)> _templates = [];
    readonly SortedDictionary<int, TimeSpan> _readySince = [];
    readonly SortedSet<int> _inHand = [];

    public override void Tick()
    {
        var shards = World.Cluster?.Spec.Shards ?? 0;
        _inHand.RemoveWhere(shard => shard >= shards);
        for (var shard = 0; shard < shards; shard++)
        {
            Look(shard);
        }
    }

    public override void BeforeWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (RunWorld.TemplateOf(write) is not { } stamp || RunWorld.ShardOfSet(write) is not { } shard)
        {
            return;
        }

        Tick();
        if (!_templates.TryGetValue(shard, out var template) || template.Stamp == stamp || !_readySince.TryGetValue(shard, out var since) || World.Simulator.Now - since < Observing)
        {
            return;
        }

        var others = _inHand.Where(other => other != shard).ToList();
        if (others.Count >= World.MaxParallelShards)
        {
            Violated(write.ObjectName, $"gets another pod template while the pods of shard {string.Join(", ", others)} are not made anew and ready", "what is wrong with it comes to more shards than update.maxParallelShards allows");
        }
    }

    /// <summary>What was edited is seen by looking and not by the writes: one that is answered with an error may have taken effect.</summary>
    void Look(int shard)
    {
        if (World.TemplateOf(shard) is not { } template)
        {
            _templates.Remove(shard);
            _readySince.Remove(shard);
            _inHand.Remove(shard);
            return;
        }

        if (_templates.TryGetValue(shard, out var before) && before.Uid == template.Uid && before.Stamp != template.Stamp)
        {
            _inHand.Add(shard);
        }

        _templates[shard] = template;
        if (!World.IsReady(shard))
        {
            _readySince.Remove(shard);
            return;
        }

        _readySince.TryAdd(shard, World.Simulator.Now);
        if (_inHand.Contains(shard) && World.IsMadeFrom(shard, template.Stamp))
        {
            _inHand.Remove(shard);
        }
    }
}
