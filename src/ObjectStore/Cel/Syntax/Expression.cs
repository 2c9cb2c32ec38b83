using Slotwise.ObjectStore.Cel.Functions;
using Slotwise.ObjectStore.Cel.Types;

namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>A node of a parsed expression. The checker writes its type into it.</summary>
/// <param name="position">In the source, for messages.</param>
abstract class Expression(int position)
{
    public int Position { get; } = position;

    public CelType Type { get; set; } = CelType.Dyn;
}

sealed class LiteralExpression(int position, object value) : Expression(position)
{
    public object Value { get; } = value;
}

sealed class NameExpression(int position, string name) : Expression(position)
{
    public string Name { get; } = name;

    /// <summary>What the name stands for when it is no variable: a type.</summary>
    public object? Constant { get; set; }
}

/// <summary><c>operand.field</c>, <c>operand.?field</c> or, as <c>has(operand.field)</c>, the question whether it is there.</summary>
sealed class SelectExpression(int position, Expression operand, string field, bool optional = false, bool test = false) : Expression(position)
{
    public Expression Operand { get; } = operand;

    public string Field { get; } = field;

    public bool IsOptional { get; } = optional;

    public bool IsTest { get; } = test;

    /// <summary>What the whole stands for when it is the name of a type, such as <c>google.protobuf.Timestamp</c>.</summary>
    public object? Constant { get; set; }
}

/// <summary>A function, or an operator under the name that it has in messages, such as <c>_+_</c>.</summary>
sealed class CallExpression(int position, string function, Expression? target, IReadOnlyList<Expression> arguments) : Expression(position)
{
    public string Function { get; } = function;

    public Expression? Target { get; set; } = target;

    public IReadOnlyList<Expression> Arguments { get; } = arguments;

    /// <summary>What the call may mean, by the types that are known before it is carried out.</summary>
    public IReadOnlyList<Overload> Candidates { get; set; } = [];
}

sealed class ListExpression(int position, IReadOnlyList<Expression> elements, IReadOnlySet<int> optional) : Expression(position)
{
    public IReadOnlyList<Expression> Elements { get; } = elements;

    public IReadOnlySet<int> Optional { get; } = optional;
}

sealed class MapExpression(int position, IReadOnlyList<MapEntry> entries) : Expression(position)
{
    public IReadOnlyList<MapEntry> Entries { get; } = entries;
}

sealed record MapEntry(Expression Key, Expression Value, bool IsOptional);

/// <summary><c>Name{field: value}</c>: no type that can be made so is known to schemas.</summary>
sealed class MessageExpression(int position, string name) : Expression(position)
{
    public string Name { get; } = name;
}

enum Macro
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

/// <summary>One of the macros that look at each element of a list, or at each key of a map.</summary>
sealed class ComprehensionExpression(int position, Macro macro, Expression range, string variable, Expression? predicate, Expression? transform) : Expression(position)
{
    public Macro Macro { get; } = macro;

    public Expression Range { get; } = range;

    public string Variable { get; } = variable;

    /// <summary>Null for <c>map</c> with two arguments.</summary>
    public Expression? Predicate { get; } = predicate;

    /// <summary>Of <c>map</c> alone.</summary>
    public Expression? Transform { get; } = transform;
}

/// <summary>A variable for the length of one expression: what <c>optMap</c> and <c>optFlatMap</c> make of a value that is there.</summary>
sealed class OptionalMapExpression(int position, Expression target, string variable, Expression transform, bool flat) : Expression(position)
{
    public Expression Target { get; } = target;

    public string Variable { get; } = variable;

    public Expression Transform { get; } = transform;

    public bool IsFlat { get; } = flat;
}
