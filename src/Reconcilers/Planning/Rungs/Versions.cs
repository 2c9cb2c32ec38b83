using Slotwise.Reconcilers.Planning.Rolling;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 12, what it must not do: give pods an image whose server cannot read what the masters write, or one that this operator does not know. It only refuses, and is asked before
/// anything is touched.
/// </summary>
public static class Versions
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return Refuse(view) is { } refusal ? RungAnswer.Of([refusal]) : RungAnswer.Nothing;
    }

    /// <summary>Why no pod may be replaced; null where pods may.</summary>
    public static Refusal? Refuse(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        foreach (var member in view.Members)
        {
            if (ServerVersion.Of(member.Server.Info) is { IsSupported: false } unknown && IsWanted(view, member))
            {
                return new Refusal("UnsupportedVersion", $"{member} runs {unknown}; this release knows Redis 7.0 to 8.x and Valkey 7.2 to 9: set spec.image to one of these");
            }
        }

        if (Target(view) is not { } target)
        {
            return null;
        }

        foreach (var master in view.Masters.Where(master => !master.Server.Slots.IsEmpty))
        {
            if (ServerVersion.Of(master.Server.Info) is { } version && !target.Reads(version))
            {
                return new Refusal(
                    "DowngradeRefused",
                    $"spec.image {view.Spec.Image}: {target} cannot read what {version} writes, and {master} is a master of {version}: nothing is replaced; set spec.image to {version} or newer");
            }
        }

        return null;
    }

    static bool IsWanted(ClusterView view, Member member) => view.Roll.Shards.Any(shard => shard.Shard == member.Shard && shard.IsCurrent(member.Pod));

    /// <summary>What pods of the wanted template run: by those that there are, else by what the image's name lets expect. Null while nothing is due.</summary>
    static ServerVersion? Target(ClusterView view)
    {
        if (!view.Roll.Shards.Any(shard => shard.IsDue))
        {
            return null;
        }

        return view.Members.Where(member => IsWanted(view, member)).Select(member => ServerVersion.Of(member.Server.Info)).FirstOrDefault(version => version is not null)
            ?? ServerVersion.Expect(view.Spec.Image);
    }
}
