namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>The value <c>null</c>.</summary>
sealed class CelNull
{
    public static readonly CelNull Value = new();

    public override string ToString() => "null";
}
