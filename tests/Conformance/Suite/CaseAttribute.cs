using System.Runtime.CompilerServices;

namespace Slotwise.Conformance.Suite;

/// <summary>One thing that somebody relies on. The method's name states it.</summary>
/// <param name="usedBy">Who relies on it: <c>operator: informers</c>, <c>chart: role</c>, <c>user: kubectl scale</c>, <c>scenario: host lost</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CaseAttribute(string usedBy, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber)
{
    public string UsedBy { get; } = usedBy;

    /// <summary>So many hosts that take pods; skipped on a cluster with fewer.</summary>
    public int Hosts { get; init; } = 1;

    /// <summary>It needs trouble on demand, which only LocalKubernetes has; skipped elsewhere.</summary>
    public bool NeedsFaults { get; init; }

    /// <summary>It needs hosts that run pods at all; skipped where there is an API server only.</summary>
    public bool NeedsPods { get; init; }
}
