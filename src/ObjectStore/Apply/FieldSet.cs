namespace Slotwise.ObjectStore.Apply;

/// <summary>A set of fields of an object, as a tree. Reads and writes <c>fieldsV1</c> of <c>metadata.managedFields</c>.</summary>
/// <remarks>See structured-merge-diff's <c>fieldpath.Set</c>: a node may be a member itself, have members below it, or both.</remarks>
public sealed class FieldSet
{
    readonly SortedDictionary<PathElement, FieldSet> _children = [];

    /// <summary>Whether the field itself is in the set, beside fields below it.</summary>
    public bool IsMember { get; private set; }

    public bool IsEmpty => !IsMember && _children.Count == 0;

    public IEnumerable<KeyValuePair<PathElement, FieldSet>> Children => _children;

    public static FieldSet From(JsonObject? fieldsV1)
    {
        var set = new FieldSet();
        foreach (var (name, value) in fieldsV1 ?? [])
        {
            if (name == ".")
            {
                set.IsMember = true;
                continue;
            }

            var child = From(value as JsonObject);
            child.IsMember |= child._children.Count == 0;
            set._children[new PathElement(name)] = child;
        }

        return set;
    }

    public JsonObject ToFieldsV1()
    {
        var json = new JsonObject();
        foreach (var (element, child) in _children)
        {
            var below = child.ToFieldsV1();
            if (child.IsMember && child._children.Count > 0)
            {
                below.Insert(0, ".", new JsonObject());
            }

            json[element.Text] = below;
        }

        return json;
    }

    public FieldSet? Child(PathElement element) => _children.GetValueOrDefault(element);

    /// <summary>The child, made when there is none.</summary>
    internal FieldSet Descend(PathElement element)
    {
        if (!_children.TryGetValue(element, out var child))
        {
            child = new FieldSet();
            _children.Add(element, child);
        }

        return child;
    }

    internal void Include() => IsMember = true;

    internal void Exclude() => IsMember = false;

    internal void Remove(PathElement element) => _children.Remove(element);

    public FieldSet Union(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var union = new FieldSet { IsMember = IsMember || other.IsMember };
        foreach (var element in _children.Keys.Union(other._children.Keys))
        {
            union._children[element] = (Child(element) ?? new FieldSet()).Union(other.Child(element) ?? new FieldSet());
        }

        return union;
    }

    public FieldSet Except(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var rest = new FieldSet { IsMember = IsMember && !other.IsMember };
        foreach (var (element, child) in _children)
        {
            var left = other.Child(element) is { } taken ? child.Except(taken) : child;
            if (!left.IsEmpty)
            {
                rest._children[element] = left;
            }
        }

        return rest;
    }

    public FieldSet Intersect(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var common = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (element, child) in _children)
        {
            if (other.Child(element) is { } same && child.Intersect(same) is { IsEmpty: false } both)
            {
                common._children[element] = both;
            }
        }

        return common;
    }

    /// <summary>The members as paths such as <c>.spec.replicas</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    public override bool Equals(object? obj) =>
        obj is FieldSet other && IsMember == other.IsMember && _children.Count == other._children.Count
        && _children.All(pair => other.Child(pair.Key) is { } child && pair.Value.Equals(child));

    public override int GetHashCode() => HashCode.Combine(IsMember, _children.Count);

    IEnumerable<string> Paths(string prefix)
    {
        if (IsMember && prefix.Length > 0)
        {
            yield return prefix;
        }

        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths(prefix + element))
            {
                yield return path;
            }
        }
    }
}
