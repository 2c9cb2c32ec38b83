using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>How full the volume of a server is, by thresholds: exact numbers change with traffic.</summary>
public enum VolumeLevel
{
    /// <summary>It has room, or nobody said how full it is.</summary>
    Roomy,

    /// <summary>80 % and more.</summary>
    NearlyFull,

    /// <summary>95 % and more, or the server could not write to it.</summary>
    Full,
}

/// <summary>Where a server shows how full its volume is.</summary>
public static class VolumeReport
{
    /// <summary>
    /// The title of the server's process. The liveness probe, which runs beside the server and sees its volume, ends it with <c>volume 80% full</c> or <c>volume 95% full</c>:
    /// the operator may neither look into pods nor ask their kubelets, and this is a text that any server keeps, shows on request, and does nothing with.
    /// </summary>
    public const string Directive = "proc-title-template";

    /// <summary>What the report says; a server that never heard of it has room.</summary>
    public static VolumeLevel Read(IReadOnlyDictionary<string, string> directives, RedisInfo info)
    {
        ArgumentNullException.ThrowIfNull(directives);
        ArgumentNullException.ThrowIfNull(info);
        var title = directives.GetValueOrDefault(Directive) ?? "";
        return !info.IsAofWriteOk || title.EndsWith(" volume 95% full", StringComparison.Ordinal) ? VolumeLevel.Full
            : title.EndsWith(" volume 80% full", StringComparison.Ordinal) ? VolumeLevel.NearlyFull
            : VolumeLevel.Roomy;
    }
}
