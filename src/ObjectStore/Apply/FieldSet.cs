namespace Slotwise.ObjectStore.Apply;

/// <summary>A set of fields of an object, as a tree. Reads and writes <c>fieldsV1</c> of <c>metadata.managedFields</c>.</summary>
/// <remarks>See structured-merge-diff's <c>fieldpath.Set</c>: a node may be a member itself, have members below it, or both.</remarks>
public sealed class FieldSet
{
    // Before the sets that begin with it.
    static readonly SortedDictionary<PathElement, FieldSet> None = [];

    /// <summary>One field, and none below it.</summary>
    internal static readonly FieldSet Itself = new() { IsMember = true };

    /// <summary>No field.</summary>
    internal static readonly FieldSet Nothing = new();

    /// <summary>Most fields have none.</summary>
    SortedDictionary<PathElement, FieldSet> _children = None;

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
            set.Own()[new PathElement(name)] = child;
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
            Own().Add(element, child);
        }

        return child;
    }

    internal void Include() => IsMember = true;

    internal void Exclude() => IsMember = false;

    internal void Add(PathElement element, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            Own()[element] = child;
        }
    }

    /// <summary>The fields of either; the same set if it has them all.</summary>
    public FieldSet Union(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsEmpty || other.IsEmpty)
        {
            return IsEmpty ? other : this;
        }

        var union = new FieldSet { IsMember = IsMember || other.IsMember };
        var isAll = union.IsMember == IsMember && other._children.Keys.All(_children.ContainsKey);
        foreach (var (element, child) in _children)
        {
            var both = other.Child(element) is { } same ? child.Union(same) : child;
            isAll &= ReferenceEquals(both, child);
            union.Add(element, both);
        }

        if (isAll)
        {
            return this;
        }

        foreach (var (element, child) in other._children)
        {
            if (!_children.ContainsKey(element))
            {
                union.Add(element, child);
            }
        }

        return union;
    }

    /// <summary>Without the fields of another; the same set if it has none of them.</summary>
    public FieldSet Except(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.IsEmpty)
        {
            return this;
        }

        var rest = new FieldSet { IsMember = IsMember && !other.IsMember };
        var isAll = rest.IsMember == IsMember;
        foreach (var (element, child) in _children)
        {
            var left = other.Child(element) is { } taken ? child.Except(taken) : child;
            isAll &= ReferenceEquals(left, child);
            rest.Add(element, left);
        }

        return isAll ? this : rest;
    }

    /// <summary>Whether any field is also in the written form of another set.</summary>
    internal bool Touches(JsonObject fieldsV1)
    {
        foreach (var (element, child) in _children)
        {
            if (fieldsV1[element.Text] is JsonObject same && ((child.IsMember && (same.Count == 0 || same.ContainsKey("."))) || child.Touches(same)))
            {
                return true;
            }
        }

        return false;
    }

    public FieldSet Intersect(FieldSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var common = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (element, child) in _children)
        {
            if (other.Child(element) is { } same)
            {
                common.Add(element, child.Intersect(same));
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

    SortedDictionary<PathElement, FieldSet> Own() => ReferenceEquals(_children, None) ? _children = [] : _children;

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
