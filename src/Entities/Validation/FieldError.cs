namespace Slotwise.Entities.Validation;

/// <summary>Why a field of a RedisCluster is refused.</summary>
/// <param name="Field">The field's path, such as <c>spec.config.port</c>.</param>
/// <param name="Value">What stands there, as text.</param>
/// <param name="Remedy">What is wrong with it and what to write instead.</param>
public sealed record FieldError(string Field, string Value, string Remedy)
{
    public override string ToString() => $"{Field}: {(Value.Length == 0 ? "\"\"" : Value)}: {Remedy}";
}
