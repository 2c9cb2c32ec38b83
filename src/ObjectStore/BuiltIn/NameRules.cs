using System.Text;

namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>What names and labels may look like. See <c>k8s.io/apimachinery/pkg/util/validation</c>.</summary>
static class NameRules
{
    const string SubdomainFault = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    const string LabelNameFault = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    const string ServiceNameFault = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    const string LabelValueFault = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    const string QualifiedNameFault = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    /// <summary>All keys and values together, in bytes.</summary>
    const int MostAnnotations = 256 * 1024;

    public static IEnumerable<FieldError> Validate(ResourceKind kind, JsonObject metadata)
    {
        var name = metadata.Text("name") ?? "";
        if (NameFault(kind, name) is { } fault)
        {
            yield return FieldError.Invalid("metadata.name", name, fault);
        }

        foreach (var (key, value) in metadata.Object("labels") ?? [])
        {
            if (QualifiedFault(key) is { } keyFault)
            {
                yield return FieldError.Invalid("metadata.labels", key, keyFault);
            }

            if (ValueFault(value.AsText() ?? "") is { } valueFault)
            {
                yield return FieldError.Invalid("metadata.labels", value?.DeepClone(), valueFault);
            }
        }

        var size = (metadata.Object("annotations") ?? []).Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value.AsText() ?? ""));
        if (size > MostAnnotations)
        {
            yield return FieldError.TooLong("metadata.annotations", MostAnnotations);
        }

        var finalizers = metadata.Array("finalizers").Texts().ToList();
        for (var i = 0; i < finalizers.Count; i++)
        {
            if (QualifiedFault(finalizers[i]) is { } unqualified)
            {
                yield return FieldError.Invalid($"metadata.finalizers[{i}]", finalizers[i], unqualified);
            }
            else if (!kind.IsCustom && !finalizers[i].Contains('/', StringComparison.Ordinal) && finalizers[i] is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                yield return FieldError.Invalid($"metadata.finalizers[{i}]", finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
            }
        }

        foreach (var (key, _) in metadata.Object("annotations") ?? [])
        {
            if (QualifiedFault(key.ToLowerInvariant()) is { } keyFault)
            {
                yield return FieldError.Invalid("metadata.annotations", key, keyFault);
            }
        }
    }

    public static string? LabelFault(string name) =>
        name.Length > 63 ? "must be no more than 63 characters" : IsLabel(name) ? null : LabelNameFault;

    public static string? QualifiedNameProblem(string key) => QualifiedFault(key);

    public static string? LabelValueProblem(string value) => ValueFault(value);

    static string? NameFault(ResourceKind kind, string name) => (kind.Kind.Group, kind.Kind.Plural) switch
    {
        // Roles and their bindings are named like path segments.
        ("rbac.authorization.k8s.io", _) => name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal)
            ? $"may not be '.', '..' or contain '/' or '%'" : null,
        ("", "namespaces") => name.Contains('.', StringComparison.Ordinal) ? "must not contain dots" : LabelFault(name),
        ("", "services") => name.Length > 63 ? "must be no more than 63 characters" : IsLabel(name) && char.IsAsciiLetterLower(name[0]) ? null : ServiceNameFault,
        _ => name.Length > 253 ? "must be no more than 253 characters" : name.Split('.').All(IsLabel) ? null : SubdomainFault,
    };

    static bool IsLabel(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-';

    static string? ValueFault(string value) =>
        value.Length > 63 ? "must be no more than 63 characters" : value.Length == 0 || IsNamePart(value) ? null : LabelValueFault;

    static string? QualifiedFault(string key)
    {
        if (key.Count(c => c == '/') > 1)
        {
            return $"a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (slash >= 0 && !key[..slash].Split('.').All(IsLabel))
        {
            return $"prefix part {SubdomainFault}";
        }

        return name.Length > 63 ? "name part must be no more than 63 characters" : name.Length > 0 && IsNamePart(name) ? null : QualifiedNameFault;
    }

    static bool IsNamePart(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
