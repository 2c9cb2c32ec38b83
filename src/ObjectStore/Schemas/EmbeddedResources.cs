using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>Resources inside of a resource (<c>x-kubernetes-embedded-resource</c>): they say what they are, as those do that stand alone.</summary>
static partial class EmbeddedResources
{
    const string KindRule = "may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    public static void Check(Schema schema, JsonNode? value, string path, List<FieldError> errors)
    {
        if (value is JsonArray array && schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Check(items, array[i], $"{path}[{i}]", errors);
            }
        }

        if (value is not JsonObject obj)
        {
            return;
        }

        if (schema.EmbeddedResource)
        {
            CheckType(obj, path, errors);
        }

        foreach (var (name, member) in obj)
        {
            if (schema.Member(name) is { } known)
            {
                Check(known, member, path.Length == 0 ? name : $"{path}.{name}", errors);
            }
        }
    }

    static void CheckType(JsonObject obj, string path, List<FieldError> errors)
    {
        if (obj.Text("apiVersion") is not { Length: > 0 } apiVersion)
        {
            errors.Add(FieldError.Required($"{path}.apiVersion"));
        }
        else if (apiVersion.Count(character => character == '/') > 1)
        {
            errors.Add(FieldError.Invalid($"{path}.apiVersion", apiVersion, $"unexpected GroupVersion string: {apiVersion}"));
        }

        if (obj.Text("kind") is not { Length: > 0 } kind)
        {
            errors.Add(FieldError.Required($"{path}.kind"));
        }
        else if (!Label().IsMatch(kind.ToLowerInvariant()))
        {
            errors.Add(FieldError.Invalid($"{path}.kind", kind, KindRule));
        }

        if (obj["metadata"] is JsonObject metadata)
        {
            // Labels that are no text and their likes cannot be read at all.
            errors.AddRange(ValidateSchema.Errors(BuiltInKinds.Metadata, metadata, $"{path}.metadata"));
        }
    }

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
