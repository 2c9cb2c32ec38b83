using Slotwise.LocalKubernetes.Controllers.ReplicaSets;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>Decides how large a Deployment's ReplicaSets shall be now. Pure; the rules are those of Kubernetes' rolling.go, recreate.go and sync.go.</summary>
public static class PlanRollout
{
    /// <summary>Whether the Deployment was scaled since its ReplicaSets were sized.</summary>
    public static bool IsScaled(Rollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        return rollout.All.Any(set => Rollout.SizeOf(set) > 0 && Rollout.NumberIn(set, Rollout.DesiredAnnotation) is { } desired && desired != rollout.Wanted);
    }

    /// <summary>How large a ReplicaSet of the present template begins.</summary>
    public static int FirstSize(Rollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        return rollout.IsRolling ? Grown(rollout, 0) : rollout.Wanted;
    }

    /// <summary>A scaled or paused Deployment: each of its ReplicaSets gets its share.</summary>
    public static IReadOnlyList<(ReplicaSetDocument Set, int Size)> Scale(Rollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        var active = rollout.All.Where(set => Rollout.SizeOf(set) > 0).ToList();
        if (active.Count <= 1)
        {
            var only = active.Count == 1 ? active[0] : rollout.New ?? (rollout.Old.Count > 0 ? rollout.Old[^1] : null);
            return only is null || Rollout.SizeOf(only) == rollout.Wanted ? [] : [(only, rollout.Wanted)];
        }

        if (rollout.New is { } whole && Rollout.SizeOf(whole) == rollout.Wanted && Rollout.NumberIn(whole, Rollout.DesiredAnnotation) == rollout.Wanted && Rollout.AvailableOf(whole) == rollout.Wanted)
        {
            return [.. active.Where(set => set != whole).Select(set => (set, 0))];
        }

        return rollout.IsRolling ? Shares(rollout, active) : [];
    }

    /// <summary>The next step of a rolling update: first more of the new, else fewer of the old.</summary>
    public static IReadOnlyList<(ReplicaSetDocument Set, int Size)> Roll(Rollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (rollout.New is not { } fresh)
        {
            return [];
        }

        var size = Rollout.SizeOf(fresh) >= rollout.Wanted ? rollout.Wanted : Grown(rollout, Rollout.SizeOf(fresh));
        return size != Rollout.SizeOf(fresh) ? [(fresh, size)] : ShrinkOld(rollout, fresh);
    }

    /// <summary>All of the old go before the first of the new comes.</summary>
    /// <param name="rollout">The Deployment.</param>
    /// <param name="oldPodsRun">Whether pods of an earlier template have not ended yet.</param>
    public static IReadOnlyList<(ReplicaSetDocument Set, int Size)> Recreate(Rollout rollout, bool oldPodsRun)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        var old = rollout.Old.Where(set => Rollout.SizeOf(set) > 0).Select(set => (set, 0)).ToList();
        if (old.Count > 0)
        {
            return old;
        }

        return !oldPodsRun && rollout.New is { } fresh && Rollout.SizeOf(fresh) != rollout.Wanted ? [(fresh, rollout.Wanted)] : [];
    }

    static int Grown(Rollout rollout, int size)
    {
        var room = rollout.Wanted + rollout.MaxSurge - rollout.All.Sum(Rollout.SizeOf);
        return room <= 0 ? size : size + Math.Min(room, rollout.Wanted - size);
    }

    static List<(ReplicaSetDocument, int)> ShrinkOld(Rollout rollout, ReplicaSetDocument fresh)
    {
        var sizes = rollout.Old.Where(set => Rollout.SizeOf(set) > 0).ToDictionary(set => set, Rollout.SizeOf);
        var least = rollout.Wanted - rollout.MaxUnavailable;
        var most = rollout.All.Sum(Rollout.SizeOf) - least - (Rollout.SizeOf(fresh) - Rollout.AvailableOf(fresh));
        if (sizes.Count == 0 || most <= 0)
        {
            return [];
        }

        // what is not available anyway first: a broken old template must not hold the new one up
        foreach (var set in sizes.Keys.ToList())
        {
            var broken = Math.Min(most, Math.Max(0, sizes[set] - Rollout.AvailableOf(set)));
            sizes[set] -= broken;
            most -= broken;
        }

        var spare = rollout.All.Sum(Rollout.AvailableOf) - least;
        foreach (var set in sizes.Keys.ToList())
        {
            var fewer = Math.Min(sizes[set], Math.Max(0, spare));
            sizes[set] -= fewer;
            spare -= fewer;
        }

        return [.. sizes.Where(entry => entry.Value != Rollout.SizeOf(entry.Key)).Select(entry => (entry.Key, entry.Value))];
    }

    /// <summary>In proportion to their sizes, so that a rollout in progress keeps its mixture.</summary>
    static List<(ReplicaSetDocument, int)> Shares(Rollout rollout, List<ReplicaSetDocument> active)
    {
        var toAdd = (rollout.Wanted > 0 ? rollout.Wanted + rollout.MaxSurge : 0) - active.Sum(Rollout.SizeOf);
        var ordered = toAdd > 0
            ? active.OrderByDescending(Rollout.SizeOf).ThenByDescending(set => set.Metadata.CreationTimestamp).ToList()
            : active.OrderByDescending(Rollout.SizeOf).ThenBy(set => set.Metadata.CreationTimestamp).ToList();
        var added = 0;
        var sizes = new List<int>();
        foreach (var set in ordered)
        {
            var share = toAdd == 0 || toAdd == added ? 0 : toAdd > 0 ? Math.Min(ShareOf(rollout, set), toAdd - added) : Math.Max(ShareOf(rollout, set), toAdd - added);
            sizes.Add(Rollout.SizeOf(set) + share);
            added += share;
        }

        sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        return [.. ordered.Zip(sizes)];
    }

    static int ShareOf(Rollout rollout, ReplicaSetDocument set)
    {
        if (rollout.Wanted == 0)
        {
            return -Rollout.SizeOf(set);
        }

        var before = Rollout.NumberIn(set, Rollout.MaxAnnotation) is { } most and > 0 ? most : rollout.Deployment.Status?.Replicas ?? 0;
        return before == 0 ? 0 : (int)Math.Round((double)Rollout.SizeOf(set) * (rollout.Wanted + rollout.MaxSurge) / before, MidpointRounding.AwayFromZero) - Rollout.SizeOf(set);
    }
}
