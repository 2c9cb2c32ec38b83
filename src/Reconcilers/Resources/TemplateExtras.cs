namespace Slotwise.Reconcilers.Resources;

/// <summary>What a pod template says besides what follows from the spec.</summary>
/// <param name="Restart">The value of the last request to restart; null where nobody ever asked.</param>
/// <param name="FixedConfig">Lines of redis.conf that servers take only when they start; empty where there are none.</param>
public sealed record TemplateExtras(string? Restart, string FixedConfig)
{
    public static readonly TemplateExtras None = new(null, "");
}
