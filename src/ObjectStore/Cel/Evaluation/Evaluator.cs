using Slotwise.ObjectStore.Cel.Syntax;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Evaluation;

/// <summary>Carries out a checked expression. What fails is a <see cref="CelError"/>, which is passed on until <c>||</c> or <c>&amp;&amp;</c> can do without it.</summary>
sealed class Evaluator(IReadOnlyDictionary<string, object> variables, Budget budget)
{
    const int ListCost = 10;
    const int MapCost = 30;

    Scope? _scope;

    /// <exception cref="OverBudgetException">It costs too much.</exception>
    public object Evaluate(Expression expression)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return literal.Value;
            case NameExpression name:
                budget.Spend(1);
                return Lookup(name);
            case SelectExpression select:
                return Select(select);
            case CallExpression call:
                return Call(call);
            case ListExpression list:
                return List(list);
            case MapExpression map:
                return Map(map);
            case ComprehensionExpression each:
                return Comprehend(each);
            case OptionalMapExpression map:
                return OptionalMap(map);
            default:
                throw new InvalidOperationException($"an expression that was not checked: {expression.GetType().Name}");
        }
    }

    object Lookup(NameExpression name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name.Name)
            {
                return scope.Value;
            }
        }

        return variables.TryGetValue(name.Name, out var value) ? value : name.Constant ?? new CelError($"no such attribute(s): {name.Name}");
    }

    object Select(SelectExpression select)
    {
        if (select.Constant is { } type)
        {
            return type;
        }

        var operand = Evaluate(select.Operand);
        if (select.IsTest)
        {
            return operand switch
            {
                CelError => operand,
                CelMap map => map.Find(select.Field) is not null,
                CelOptional optional => (optional.Value as CelMap)?.Find(select.Field) is not null,
                _ => CelError.NoOverload,
            };
        }

        budget.Spend(1);
        return operand switch
        {
            CelError => operand,
            CelMap map when select.IsOptional => new CelOptional(map.Find(select.Field)),
            CelMap map => map.Find(select.Field) ?? CelError.NoSuchKey(select.Field),
            CelOptional optional => new CelOptional((optional.Value as CelMap)?.Find(select.Field)),
            _ => CelError.NoOverload,
        };
    }

    object Call(CallExpression call)
    {
        switch (call.Function)
        {
            case "_&&_":
                return Logic(call.Arguments, decides: false);
            case "_||_":
                return Logic(call.Arguments, decides: true);
            case "_?_:_":
                return Evaluate(call.Arguments[0]) switch
                {
                    true => Evaluate(call.Arguments[1]),
                    false => Evaluate(call.Arguments[2]),
                    CelError error => error,
                    _ => CelError.NoOverload,
                };
        }

        var offset = call.Target is null ? 0 : 1;
        var arguments = new object[call.Arguments.Count + offset];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(i < offset ? call.Target! : call.Arguments[i - offset]);
            if (arguments[i] is CelError error)
            {
                return error;
            }
        }

        foreach (var candidate in call.Candidates)
        {
            if (candidate.Takes(arguments))
            {
                budget.Spend(Costs.Of(candidate, arguments));
                return candidate.Body(arguments);
            }
        }

        return CelError.NoOverload;
    }

    /// <summary>One operand that decides is enough, even if others fail.</summary>
    object Logic(IReadOnlyList<Expression> operands, bool decides)
    {
        object result = !decides;
        foreach (var operand in operands)
        {
            var value = Evaluate(operand);
            if (value is bool flag && flag == decides)
            {
                return decides;
            }

            if (value is not bool)
            {
                result = result is CelError ? result : value as CelError ?? CelError.NoOverload;
            }
        }

        return result;
    }

    object List(ListExpression list)
    {
        budget.Spend(ListCost);
        var items = new List<object>(list.Elements.Count);
        for (var i = 0; i < list.Elements.Count; i++)
        {
            var item = Evaluate(list.Elements[i]);
            if (item is CelError)
            {
                return item;
            }

            if (!list.Optional.Contains(i))
            {
                items.Add(item);
            }
            else if (item is CelOptional { Value: { } value })
            {
                items.Add(value);
            }
        }

        return CelList.Of(items);
    }

    object Map(MapExpression map)
    {
        budget.Spend(MapCost);
        var entries = new List<KeyValuePair<object, object>>(map.Entries.Count);
        foreach (var entry in map.Entries)
        {
            var (key, value) = (Evaluate(entry.Key), Evaluate(entry.Value));
            if (key is CelError || value is CelError)
            {
                return key as CelError ?? value;
            }

            if (entries.Exists(one => Equality.AreEqual(one.Key, key)))
            {
                return new CelError($"Failed with repeated key {Conversion.Show(key)}");
            }

            if (entry.IsOptional)
            {
                value = (value as CelOptional)?.Value;
            }

            if (value is not null)
            {
                entries.Add(new(key, value));
            }
        }

        return CelMap.Of(entries);
    }

    object Comprehend(ComprehensionExpression each)
    {
        var range = Evaluate(each.Range);
        IEnumerable<object>? elements = range switch
        {
            CelList list => list,
            CelMap map => map.Keys,
            _ => null,
        };
        if (elements is null)
        {
            return range as CelError ?? CelError.NoOverload;
        }

        var scope = new Scope(each.Variable, _scope);
        var outer = _scope;
        _scope = scope;
        var result = Loop(each, elements, scope);
        _scope = outer;
        return result;
    }

    object Loop(ComprehensionExpression each, IEnumerable<object> elements, Scope scope)
    {
        CelError? failed = null;
        var found = new List<object>();
        var count = 0L;
        foreach (var element in elements)
        {
            budget.Spend(1);
            scope.Value = element;
            var holds = each.Predicate is null ? true : Evaluate(each.Predicate);
            if (holds is not bool)
            {
                failed ??= holds as CelError ?? CelError.NoOverload;
                if (each.Macro is Macro.All or Macro.Exists)
                {
                    // Another element may decide all the same.
                    continue;
                }

                return failed;
            }

            switch (each.Macro, holds)
            {
                case (Macro.All, false):
                    return false;
                case (Macro.Exists, true):
                    return true;
                case (Macro.ExistsOne, true):
                    count++;
                    break;
                case (Macro.Filter, true):
                    found.Add(element);
                    break;
                case (Macro.Map, true):
                    var made = Evaluate(each.Transform!);
                    if (made is CelError)
                    {
                        return made;
                    }

                    found.Add(made);
                    break;
            }
        }

        return failed ?? each.Macro switch
        {
            Macro.All => true,
            Macro.Exists => false,
            Macro.ExistsOne => count == 1,
            _ => (object)CelList.Of(found),
        };
    }

    object OptionalMap(OptionalMapExpression map)
    {
        var target = Evaluate(map.Target);
        if (target is not CelOptional { Value: { } value })
        {
            return target is CelError or CelOptional ? target : CelError.NoOverload;
        }

        var outer = _scope;
        _scope = new Scope(map.Variable, outer) { Value = value };
        var result = Evaluate(map.Transform);
        _scope = outer;
        return map.IsFlat || result is CelError ? result : new CelOptional(result);
    }

    sealed class Scope(string name, Scope? outer)
    {
        public string Name { get; } = name;

        public object Value { get; set; } = CelNull.Value;

        public Scope? Outer { get; } = outer;
    }
}
