using Slotwise.ObjectStore.Cel.Evaluation;
using Slotwise.ObjectStore.Cel.Functions;
using Slotwise.ObjectStore.Cel.Syntax;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>
/// What an expression may cost at worst, from the bounds of its schema (cel-go's cost estimate). Where nothing bounds a value that a function made,
/// this counts less than the API server does.
/// </summary>
static class EstimateCost
{
    const double ListCost = 10;
    const double MapCost = 30;

    public static double Of(Expression expression) => expression switch
    {
        NameExpression => 1,
        SelectExpression select => Of(select.Operand) + (select.IsTest ? 0 : 1),
        CallExpression { Function: "_?_:_" } call => Of(call.Arguments[0]) + Math.Max(Of(call.Arguments[1]), Of(call.Arguments[2])),
        CallExpression { Function: "_&&_" or "_||_" } call => call.Arguments.Sum(Of),
        CallExpression call => Operands(call).Sum(Of) + OfCall(call, [.. Operands(call)]),
        ListExpression list => ListCost + list.Elements.Sum(Of),
        MapExpression map => MapCost + map.Entries.Sum(entry => Of(entry.Key) + Of(entry.Value)),
        ComprehensionExpression each => Of(each.Range) + (SizeOf(each.Range) * (StepCost(each.Macro) + (each.Predicate is null ? 0 : Of(each.Predicate)) + (each.Transform is null ? 0 : Of(each.Transform)))),
        OptionalMapExpression map => Of(map.Target) + Of(map.Transform),
        _ => 0,
    };

    /// <summary>Of what a macro does with each element beside asking about it; those that make lists add to one by one.</summary>
    static double StepCost(Macro macro) => macro is Macro.Map or Macro.Filter ? ListCost + 3 : 3;

    static IEnumerable<Expression> Operands(CallExpression call) => call.Target is null ? call.Arguments : [call.Target, .. call.Arguments];

    static double OfCall(CallExpression call, List<Expression> operands) => (call.Candidates.Count == 0 ? Work.Constant : call.Candidates[0].Work) switch
    {
        Work.Reads when call.Function is "_==_" or "_!=_" or "_<_" or "_<=_" or "_>_" or "_>=_" => 1 + (Costs.PerCharacter * Math.Min(SizeOf(operands[0]), SizeOf(operands[1]))),
        Work.Reads when call.Function is "startsWith" or "endsWith" => 1 + (Costs.PerCharacter * SizeOf(operands[1])),
        Work.Reads => 1 + (Costs.PerCharacter * operands.Sum(SizeOf)),
        Work.Multiplies when call.Function is "matches" or "find" or "findAll" => 1 + (Math.Ceiling(Costs.PerCharacter * (1 + SizeOf(operands[0]))) * Math.Ceiling(Costs.PerPatternCharacter * SizeOf(operands[1]))),
        Work.Multiplies => 1 + (Math.Ceiling(Costs.PerCharacter * SizeOf(operands[0])) * Math.Max(1, Math.Ceiling(Costs.PerCharacter * SizeOf(operands[1])))),
        Work.Visits when call.Function is "join" => 1 + (Costs.PerCharacter * SizeOf(call)),
        Work.Visits => 1 + operands.Max(operand => operand.Type.Kind is TypeKind.List ? SizeOf(operand) : 0),
        _ => 1,
    };

    /// <summary>How many characters or elements there may be.</summary>
    static double SizeOf(Expression expression) => expression switch
    {
        LiteralExpression { Value: string text } => text.Length,
        LiteralExpression { Value: CelBytes bytes } => bytes.Content.Length,
        LiteralExpression => 1,
        ListExpression list => list.Elements.Count,
        MapExpression map => map.Entries.Count,
        ComprehensionExpression { Macro: Macro.Map or Macro.Filter } each => SizeOf(each.Range),
        CallExpression { Function: "_+_" } call => call.Arguments.Sum(SizeOf),
        CallExpression { Function: "split", Target: { } text } => SizeOf(text),
        CallExpression { Function: "join", Target: { } list } => SizeOf(list) * Math.Max(1, list.Type.Parameters is [{ MaxElements: var most }] ? most : 1),
        CallExpression { Function: "string" or "bytes" or "lowerAscii" or "upperAscii" or "trim" or "substring" or "find" } call => SizeOf(Operands(call).First()),
        _ => Math.Max(1, expression.Type.MaxElements),
    };
}
