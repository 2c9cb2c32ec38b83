using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>quantity</c> library of Kubernetes (since 1.28).</summary>
static class QuantityFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Of<string>("quantity", CelType.Quantity, text => Quantity.TryParse(text, out var quantity)
            ? new CelQuantity(quantity.Amount)
            : new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"), Work.Reads),
        Overload.Of<string>("isQuantity", CelType.Bool, text => Quantity.TryParse(text, out _), Work.Reads),
        Overload.Of<CelQuantity>("sign", CelType.Int, quantity => (long)Math.Sign(quantity.Amount)),
        Overload.Member<CelQuantity, CelQuantity>("isGreaterThan", CelType.Bool, (a, b) => a.Amount > b.Amount),
        Overload.Member<CelQuantity, CelQuantity>("isLessThan", CelType.Bool, (a, b) => a.Amount < b.Amount),
        Overload.Member<CelQuantity, CelQuantity>("compareTo", CelType.Int, (a, b) => (long)a.Amount.CompareTo(b.Amount)),
        Overload.Member<CelQuantity>("asApproximateFloat", CelType.Double, quantity => (double)quantity.Amount),
        Overload.Member<CelQuantity>("isInteger", CelType.Bool, quantity => IsWhole(quantity.Amount)),
        Overload.Member<CelQuantity>("asInteger", CelType.Int, quantity => IsWhole(quantity.Amount) ? (long)quantity.Amount : new CelError("cannot convert value to integer")),
        Overload.Member<CelQuantity, CelQuantity>("add", CelType.Quantity, (a, b) => new CelQuantity(a.Amount + b.Amount)),
        Overload.Member<CelQuantity, long>("add", CelType.Quantity, (a, b) => new CelQuantity(a.Amount + b)),
        Overload.Member<CelQuantity, CelQuantity>("sub", CelType.Quantity, (a, b) => new CelQuantity(a.Amount - b.Amount)),
        Overload.Member<CelQuantity, long>("sub", CelType.Quantity, (a, b) => new CelQuantity(a.Amount - b)),
    ];

    static bool IsWhole(decimal amount) => decimal.Truncate(amount) == amount && amount is >= long.MinValue and <= long.MaxValue;
}
