namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A type as a value: what <c>type(x)</c> comes to.</summary>
readonly record struct TypeValue(string Name);
