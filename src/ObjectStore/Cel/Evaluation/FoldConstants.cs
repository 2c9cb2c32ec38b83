using Slotwise.ObjectStore.Cel.Syntax;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Evaluation;

/// <summary>Finds conversions of literals that must fail: the API server carries those out when it reads an expression.</summary>
static class FoldConstants
{
    static readonly HashSet<string> Conversions = ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];

    /// <summary>Null when nothing of the kind is there.</summary>
    public static string? Fault(Expression expression) => expression switch
    {
        CallExpression { Target: null, Arguments: [LiteralExpression] } call when Conversions.Contains(call.Function) =>
            (new Evaluator(new Dictionary<string, object>(), new Budget(CelProgram.CallLimit)).Evaluate(call) as CelError)?.Message,
        CallExpression call => (call.Target is null ? null : Fault(call.Target)) ?? First(call.Arguments),
        SelectExpression select => Fault(select.Operand),
        ListExpression list => First(list.Elements),
        MapExpression map => First(map.Entries.SelectMany(entry => (Expression[])[entry.Key, entry.Value])),
        ComprehensionExpression each => First(((Expression?[])[each.Range, each.Predicate, each.Transform]).OfType<Expression>()),
        OptionalMapExpression map => First([map.Target, map.Transform]),
        _ => null,
    };

    static string? First(IEnumerable<Expression> parts) => parts.Select(Fault).FirstOrDefault(fault => fault is not null);
}
