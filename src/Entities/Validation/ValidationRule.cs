namespace Slotwise.Entities.Validation;

/// <summary>
/// A rule between fields, twice: in CEL for the API server and in C# for the reconciler, which checks again, because an API server without CEL or an object
/// stored before the rule existed must not get past it.
/// </summary>
public sealed record ValidationRule
{
    /// <summary>Names the rule in tests.</summary>
    public required string Id { get; init; }

    /// <summary>The field whose schema carries the rule, such as <c>spec.config</c>; empty for the resource itself.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// True for what is allowed. Only functions that Kubernetes 1.27 has: an API server takes in a new resource only what its predecessor knew too,
    /// so that it can be rolled back. On 1.28 that rules out <c>quantity()</c>.
    /// </summary>
    public required string Cel { get; init; }

    /// <summary>
    /// What the user reads: the field, what is wrong and what to do about it. Not an expression that would name the key of a map at fault:
    /// an API server cannot bound what that costs, since keys have no greatest length, and would refuse the whole definition.
    /// </summary>
    public required string Message { get; init; }

    /// <summary>The field at fault relative to <see cref="Path"/>, such as <c>.tls</c>; empty where it is <see cref="Path"/> itself.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>The rule for one object by itself: the fields at fault. Null for a rule about a change.</summary>
    public Func<RedisCluster, IEnumerable<Violation>>? Check { get; init; }

    /// <summary>The rule for a change of an object whose storage exists: the fields at fault. Null for a rule about one object by itself.</summary>
    public Func<RedisClusterSpec, LiveStorage, IEnumerable<Violation>>? CheckChange { get; init; }
}

/// <summary>A field that breaks a rule.</summary>
/// <param name="Field">Its path, such as <c>spec.config.port</c>.</param>
/// <param name="Value">What stands there, as text.</param>
public readonly record struct Violation(string Field, string Value);
