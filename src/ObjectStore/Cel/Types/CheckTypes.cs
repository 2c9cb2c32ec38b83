using Slotwise.ObjectStore.Cel.Functions;
using Slotwise.ObjectStore.Cel.Syntax;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Types;

/// <summary>Finds out the type of every part of an expression, and what cannot work whatever the values are.</summary>
sealed class CheckTypes(IReadOnlyDictionary<string, CelType> variables)
{
    static readonly Dictionary<string, CelType> TypeNames = new()
    {
        ["bool"] = CelType.Bool,
        ["int"] = CelType.Int,
        ["uint"] = CelType.Uint,
        ["double"] = CelType.Double,
        ["string"] = CelType.Text,
        ["bytes"] = CelType.Bytes,
        ["null_type"] = CelType.Null,
        ["list"] = CelType.ListOf(CelType.Dyn),
        ["map"] = CelType.MapOf(CelType.Dyn, CelType.Dyn),
        ["type"] = CelType.TypeOf(CelType.Dyn),
        ["optional_type"] = CelType.OptionalOf(CelType.Dyn),
        ["google.protobuf.Timestamp"] = CelType.Timestamp,
        ["google.protobuf.Duration"] = CelType.Duration,
        ["net.IP"] = CelType.Ip,
        ["net.CIDR"] = CelType.Cidr,
        ["kubernetes.Quantity"] = CelType.Quantity,
        ["kubernetes.URL"] = CelType.Url,
    };

    readonly TypeBindings _bindings = new();
    readonly List<Problem> _problems = [];
    readonly List<Expression> _checked = [];
    Scope? _scope;

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<Problem> Problems => [.. _problems.OrderBy(problem => problem.Position)];

    /// <summary>The variables that the expression asks for.</summary>
    public HashSet<string> Used { get; } = [];

    public CelType Check(Expression expression)
    {
        var type = TypeOf(expression);
        foreach (var part in _checked)
        {
            part.Type = _bindings.Resolve(part.Type, unboundIsDyn: true);
        }

        return _bindings.Resolve(type, unboundIsDyn: true);
    }

    CelType TypeOf(Expression expression)
    {
        var type = expression switch
        {
            LiteralExpression literal => TypeOfValue.Of(literal.Value),
            NameExpression name => OfName(name, name.Name),
            SelectExpression select => OfSelect(select),
            CallExpression call => OfCall(call),
            ListExpression list => OfList(list),
            MapExpression map => OfMap(map),
            ComprehensionExpression each => OfComprehension(each),
            OptionalMapExpression map => OfOptionalMap(map),
            MessageExpression message => Undeclared(message.Position, message.Name),
            _ => throw new InvalidOperationException($"an expression of no known sort: {expression.GetType().Name}"),
        };
        expression.Type = type;
        _checked.Add(expression);
        return type;
    }

    CelType OfName(NameExpression expression, string name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                return scope.Type;
            }
        }

        if (variables.TryGetValue(name, out var type))
        {
            Used.Add(name);
            return type;
        }

        if (TypeNames.TryGetValue(name, out var known))
        {
            expression.Constant = new TypeValue(name);
            return CelType.TypeOf(known);
        }

        return Undeclared(expression.Position, name);
    }

    CelType OfSelect(SelectExpression select)
    {
        if (QualifiedName(select) is { } name && TypeNames.TryGetValue(name, out var type))
        {
            select.Constant = new TypeValue(name);
            return CelType.TypeOf(type);
        }

        var operand = _bindings.Resolve(TypeOf(select.Operand));
        var target = operand.Kind is TypeKind.Optional ? operand.Parameters[0] : operand;
        var result = OfField(select, target);
        if (select.IsTest)
        {
            return CelType.Bool;
        }

        return operand.Kind is TypeKind.Optional || select.IsOptional ? CelType.OptionalOf(result) : result;
    }

    CelType OfField(SelectExpression select, CelType target)
    {
        switch (target.Kind)
        {
            case TypeKind.Map:
                return target.Parameters[1];
            case TypeKind.Object when target.Fields.TryGetValue(select.Field, out var field) || target.Fields.TryGetValue(FieldName.Escape(select.Field) ?? "", out field):
                return field;
            case TypeKind.Object:
                Report(select.Position, $"undefined field '{select.Field}'");
                return CelType.Error;
            case TypeKind.Variable:
                _bindings.Assign(CelType.Dyn, target);
                return CelType.Dyn;
            default:
                if (!target.IsDyn)
                {
                    Report(select.Position, $"type '{target}' does not support field selection");
                }

                return CelType.Dyn;
        }
    }

    CelType OfCall(CallExpression call)
    {
        if (call.Target is { } target && QualifiedName(target) is { } prefix && FunctionTable.Has($"{prefix}.{call.Function}"))
        {
            // A function of a library, such as format.dns1123Label().
            call.Target = null;
            return Resolve(call, $"{prefix}.{call.Function}", [.. call.Arguments.Select(TypeOf)]);
        }

        var arguments = call.Arguments.Select(TypeOf).ToList();
        if (call.Target is { } receiver)
        {
            arguments.Insert(0, TypeOf(receiver));
        }

        if (call.Function is "_&&_" or "_||_")
        {
            foreach (var (argument, type) in call.Arguments.Zip(arguments))
            {
                Require(argument, CelType.Bool, type);
            }

            return CelType.Bool;
        }

        return FunctionTable.Has(call.Function) ? Resolve(call, call.Function, arguments) : Undeclared(call.Position, call.Function);
    }

    CelType Resolve(CallExpression call, string function, List<CelType> arguments)
    {
        var candidates = new List<Overload>();
        CelType? result = null;
        foreach (var overload in FunctionTable.Find(function, call.Target is not null, arguments.Count))
        {
            var (parameters, its) = _bindings.Instantiate(overload.Parameters, overload.Result);
            if (!_bindings.AssignAll(parameters, arguments))
            {
                continue;
            }

            candidates.Add(overload);
            its = _bindings.Resolve(its);
            result = result is null || result.ToString() == its.ToString() ? its : CelType.Dyn;
        }

        call.Candidates = candidates;
        if (result is not null)
        {
            CheckLiterals(call, function);
            return result;
        }

        var shown = arguments.Select(argument => _bindings.Resolve(argument, unboundIsDyn: true).ToString()).ToList();
        Report(call.Position, $"found no matching overload for '{function}' applied to '{(call.Target is null ? "" : $"{shown[0]}.")}({string.Join(", ", call.Target is null ? shown : shown.Skip(1))})'");
        return CelType.Error;
    }

    /// <summary>Literals that the function could not make anything of (checked since 1.29).</summary>
    void CheckLiterals(CallExpression call, string function)
    {
        if (call.Arguments is [.., LiteralExpression { Value: string text } literal]
            && (function switch
            {
                "matches" => !GoPattern.TryRead(text, out _, out _),
                "duration" => Conversion.ReadDuration(text) is null,
                "timestamp" => Conversion.ReadTimestamp(text) is null,
                _ => false,
            }))
        {
            Report(literal.Position, $"invalid {function} argument");
        }
    }

    CelType OfList(ListExpression list)
    {
        CelType? joined = null;
        for (var i = 0; i < list.Elements.Count; i++)
        {
            joined = Join(list.Elements[i], joined, Unwrapped(list.Elements[i], TypeOf(list.Elements[i]), list.Optional.Contains(i)));
        }

        return CelType.ListOf(joined ?? _bindings.Fresh(), list.Elements.Count);
    }

    CelType OfMap(MapExpression map)
    {
        CelType? key = null, value = null;
        foreach (var entry in map.Entries)
        {
            key = Join(entry.Key, key, TypeOf(entry.Key));
            value = Join(entry.Value, value, Unwrapped(entry.Value, TypeOf(entry.Value), entry.IsOptional));
        }

        return CelType.MapOf(key ?? _bindings.Fresh(), value ?? _bindings.Fresh(), map.Entries.Count);
    }

    CelType Unwrapped(Expression expression, CelType type, bool isOptional)
    {
        var resolved = _bindings.Resolve(type);
        if (!isOptional || resolved.IsDyn)
        {
            return type;
        }

        if (resolved.Kind is TypeKind.Optional)
        {
            return resolved.Parameters[0];
        }

        Report(expression.Position, $"expected type 'optional_type({resolved})' but found '{resolved}'");
        return resolved;
    }

    /// <summary>Kubernetes wants the elements of a literal to be of one type.</summary>
    CelType Join(Expression expression, CelType? previous, CelType current)
    {
        if (previous is null)
        {
            return current;
        }

        if (_bindings.Assign(previous, current))
        {
            return _bindings.Resolve(previous).IsDyn ? CelType.Dyn : previous;
        }

        Report(expression.Position, $"expected type '{_bindings.Resolve(previous, true)}' but found '{_bindings.Resolve(current, true)}'");
        return CelType.Error;
    }

    CelType OfComprehension(ComprehensionExpression each)
    {
        var range = _bindings.Resolve(TypeOf(each.Range));
        CelType element;
        switch (range.Kind)
        {
            case TypeKind.List or TypeKind.Map:
                element = range.Parameters[0];
                break;
            case TypeKind.Dyn or TypeKind.Error or TypeKind.Variable:
                _bindings.Assign(CelType.Dyn, range);
                element = CelType.Dyn;
                break;
            default:
                Report(each.Range.Position, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
                element = CelType.Error;
                break;
        }

        _scope = new Scope(each.Variable, element, _scope);
        if (each.Predicate is { } predicate)
        {
            Require(predicate, CelType.Bool, TypeOf(predicate));
        }

        var result = each.Transform is { } transform ? TypeOf(transform) : element;
        _scope = _scope.Outer;
        return each.Macro is Macro.Map or Macro.Filter ? CelType.ListOf(result, range.MaxElements) : CelType.Bool;
    }

    CelType OfOptionalMap(OptionalMapExpression map)
    {
        var target = _bindings.Resolve(TypeOf(map.Target));
        if (target.Kind is not TypeKind.Optional && !target.IsDyn)
        {
            Report(map.Position, $"found no matching overload for 'hasValue' applied to '{target}.()'");
            return CelType.Error;
        }

        _scope = new Scope(map.Variable, target.IsDyn ? CelType.Dyn : target.Parameters[0], _scope);
        var result = TypeOf(map.Transform);
        _scope = _scope.Outer;
        return map.IsFlat ? result : CelType.OptionalOf(result);
    }

    void Require(Expression expression, CelType expected, CelType actual)
    {
        if (!_bindings.Assign(expected, actual))
        {
            Report(expression.Position, $"expected type '{expected}' but found '{_bindings.Resolve(actual, true)}'");
        }
    }

    CelType Undeclared(int position, string name)
    {
        Report(position, $"undeclared reference to '{name}' (in container '')");
        return CelType.Error;
    }

    void Report(int position, string message) => _problems.Add(new Problem(position, message));

    static string? QualifiedName(Expression expression) => expression switch
    {
        NameExpression name => name.Name,
        SelectExpression { IsTest: false, IsOptional: false } select when QualifiedName(select.Operand) is { } prefix => $"{prefix}.{select.Field}",
        _ => null,
    };

    sealed record Scope(string Name, CelType Type, Scope? Outer);
}
