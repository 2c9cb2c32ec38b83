using System.Globalization;

namespace Slotwise.ObjectStore.Cel.Types;

/// <summary>What the type variables of one expression stand for so far.</summary>
sealed class TypeBindings
{
    Dictionary<string, CelType> _bound = [];
    int _fresh;

    public CelType Fresh() => CelType.Variable($"_var{(_fresh++).ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The parameters and the result of a function, with variables of their own for this call.</summary>
    public (List<CelType> Parameters, CelType Result) Instantiate(IReadOnlyList<CelType> parameters, CelType result)
    {
        var fresh = new Dictionary<string, CelType>();
        return ([.. parameters.Select(Renew)], Renew(result));

        CelType Renew(CelType type) => type.Kind switch
        {
            TypeKind.Variable => fresh.TryGetValue(type.Name, out var known) ? known : fresh[type.Name] = Fresh(),
            TypeKind.List => CelType.ListOf(Renew(type.Parameters[0])),
            TypeKind.Map => CelType.MapOf(Renew(type.Parameters[0]), Renew(type.Parameters[1])),
            TypeKind.Optional => CelType.OptionalOf(Renew(type.Parameters[0])),
            TypeKind.Type => CelType.TypeOf(Renew(type.Parameters[0])),
            _ => type,
        };
    }

    /// <summary>With variables replaced by what they stand for; <paramref name="unboundIsDyn"/>: also those that stand for nothing.</summary>
    public CelType Resolve(CelType type, bool unboundIsDyn = false)
    {
        if (type.Kind is TypeKind.Variable)
        {
            return _bound.TryGetValue(type.Name, out var bound) ? Resolve(bound, unboundIsDyn) : unboundIsDyn ? CelType.Dyn : type;
        }

        return type.Kind switch
        {
            TypeKind.List => CelType.ListOf(Resolve(type.Parameters[0], unboundIsDyn), type.MaxElements),
            TypeKind.Map => CelType.MapOf(Resolve(type.Parameters[0], unboundIsDyn), Resolve(type.Parameters[1], unboundIsDyn), type.MaxElements),
            TypeKind.Optional => CelType.OptionalOf(Resolve(type.Parameters[0], unboundIsDyn)),
            TypeKind.Type => CelType.TypeOf(Resolve(type.Parameters[0], unboundIsDyn)),
            _ => type,
        };
    }

    public bool Assign(CelType to, CelType from) => AssignAll([to], [from]);

    /// <summary>Whether values of the one list of types can stand where the other is asked for. Variables are bound only if all can.</summary>
    public bool AssignAll(IReadOnlyList<CelType> to, IReadOnlyList<CelType> from)
    {
        var before = _bound;
        _bound = new Dictionary<string, CelType>(before);
        if (to.Count == from.Count && to.Zip(from).All(pair => Unify(pair.First, pair.Second)))
        {
            return true;
        }

        _bound = before;
        return false;
    }

    bool Unify(CelType to, CelType from)
    {
        to = Shallow(to);
        from = Shallow(from);
        if (to.Kind is TypeKind.Variable || from.Kind is TypeKind.Variable)
        {
            return Bind(to, from);
        }

        if (to.IsDyn || from.IsDyn)
        {
            return true;
        }

        if (from.Kind is TypeKind.Null)
        {
            return to.Kind is TypeKind.Null or TypeKind.Timestamp or TypeKind.Duration or TypeKind.Object or TypeKind.Opaque or TypeKind.Optional;
        }

        if (to.Kind is TypeKind.Null)
        {
            return from.Kind is TypeKind.Timestamp or TypeKind.Duration or TypeKind.Object or TypeKind.Opaque or TypeKind.Optional;
        }

        // Types of types are all of one kind to an overload, but for what they say about a result.
        return to.Kind == from.Kind && to.Name == from.Name
            && (to.Kind is TypeKind.Type || to.Parameters.Zip(from.Parameters).All(pair => Unify(pair.First, pair.Second)));
    }

    bool Bind(CelType to, CelType from)
    {
        if (to.Kind is TypeKind.Variable && from.Kind is TypeKind.Variable && to.Name == from.Name)
        {
            return true;
        }

        var (variable, value) = to.Kind is TypeKind.Variable ? (to, from) : (from, to);
        if (Mentions(value, variable.Name))
        {
            return false;
        }

        _bound[variable.Name] = value;
        return true;
    }

    bool Mentions(CelType type, string variable)
    {
        type = Shallow(type);
        return (type.Kind is TypeKind.Variable && type.Name == variable) || type.Parameters.Any(parameter => Mentions(parameter, variable));
    }

    CelType Shallow(CelType type)
    {
        while (type.Kind is TypeKind.Variable && _bound.TryGetValue(type.Name, out var bound))
        {
            type = bound;
        }

        return type;
    }
}
