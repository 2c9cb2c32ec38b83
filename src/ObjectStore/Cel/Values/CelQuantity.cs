namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>An amount such as <c>500m</c>, compared by how much it is.</summary>
readonly record struct CelQuantity(decimal Amount);
