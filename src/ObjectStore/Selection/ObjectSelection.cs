namespace Slotwise.ObjectStore.Selection;

/// <summary>A namespace, a label selector and a field selector together.</summary>
sealed record ObjectSelection(string? Namespace, LabelSelector Labels, FieldSelector Fields)
{
    /// <summary>Whether objects of the namespace may be left out.</summary>
    public bool IsSelective => Labels != LabelSelector.Everything || Fields != FieldSelector.Everything;

    public static ObjectSelection Of(ResourceKind kind, string? ns, string? labels, string? fields) =>
        new(kind.Kind.Namespaced ? ns : null, LabelSelector.Parse(labels), FieldSelector.Parse(kind, fields));

    /// <summary>Whether an object of this name may be selected at all; spares looking into all others.</summary>
    public bool Includes(NamespacedName key) => (Namespace is null || key.Namespace == Namespace) && (Fields.Name is null || key.Name == Fields.Name);

    public bool Matches(JsonObject obj) => (Namespace is null || Meta.Namespace(obj) == Namespace) && Labels.Matches(obj) && Fields.Matches(obj);
}
