namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>Calls that are no functions: what they are given is not evaluated first.</summary>
static class Macros
{
    public static Expression Global(int position, string function, List<Expression> arguments)
    {
        if (function != "has" || arguments.Count != 1)
        {
            return new CallExpression(position, function, null, arguments);
        }

        return arguments[0] is SelectExpression { IsTest: false, IsOptional: false } select
            ? new SelectExpression(position, select.Operand, select.Field, test: true)
            : throw Invalid(arguments[0], "invalid argument to has() macro");
    }

    public static Expression Member(int position, Expression target, string function, List<Expression> arguments)
    {
        return (function, arguments) switch
        {
            ("all", [var variable, var predicate]) => Each(Macro.All, variable, predicate, null),
            ("exists", [var variable, var predicate]) => Each(Macro.Exists, variable, predicate, null),
            ("exists_one" or "existsOne", [var variable, var predicate]) => Each(Macro.ExistsOne, variable, predicate, null),
            ("filter", [var variable, var predicate]) => Each(Macro.Filter, variable, predicate, null),
            ("map", [var variable, var transform]) => Each(Macro.Map, variable, null, transform),
            ("map", [var variable, var predicate, var transform]) => Each(Macro.Map, variable, predicate, transform),
            ("optMap", [var variable, var transform]) => new OptionalMapExpression(position, target, NameOf(variable, "optMap() variable name must be a simple identifier"), transform, false),
            ("optFlatMap", [var variable, var transform]) => new OptionalMapExpression(position, target, NameOf(variable, "optFlatMap() variable name must be a simple identifier"), transform, true),
            _ => new CallExpression(position, function, target, arguments),
        };

        ComprehensionExpression Each(Macro macro, Expression variable, Expression? predicate, Expression? transform) =>
            new(position, macro, target, NameOf(variable, "argument must be a simple name"), predicate, transform);
    }

    static string NameOf(Expression variable, string otherwise) => (variable as NameExpression)?.Name ?? throw Invalid(variable, otherwise);

    static SyntaxException Invalid(Expression at, string message) => new(at.Position, message, isSyntax: false);
}
