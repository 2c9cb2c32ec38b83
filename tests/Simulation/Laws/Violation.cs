using System.Globalization;

namespace Slotwise.Simulation.Laws;

/// <summary>A law was broken.</summary>
/// <param name="Law">Which one.</param>
/// <param name="At">When, in the run's time.</param>
/// <param name="Who">Whom it concerns: a pod, a shard, the operator.</param>
/// <param name="What">What happened.</param>
/// <param name="Why">Why it must not.</param>
public sealed record Violation(string Law, TimeSpan At, string Who, string What, string Why)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds:0.000} {Law}: {Who}: {What}; {Why}");
}
