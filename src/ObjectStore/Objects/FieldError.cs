namespace Slotwise.ObjectStore.Objects;

/// <summary>One fault of an object: where, of what sort, and in words. Wordings are those of <c>k8s.io/apimachinery/pkg/util/validation/field</c>.</summary>
public sealed record FieldError(string Path, string Reason, string Detail)
{
    public override string ToString() => $"{Path}: {Detail}";

    public static FieldError Required(string path, string? detail = null) =>
        new(path, "FieldValueRequired", detail is null ? "Required value" : $"Required value: {detail}");

    public static FieldError Invalid(string path, JsonNode? value, string detail) =>
        new(path, "FieldValueInvalid", $"Invalid value: {Show(value)}: {detail}");

    public static FieldError TypeInvalid(string path, string actualType, string detail) =>
        new(path, "FieldValueTypeInvalid", $"Invalid value: \"{actualType}\": {detail}");

    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<string> supported) =>
        new(path, "FieldValueNotSupported", $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported)}");

    public static FieldError Forbidden(string path, string detail) => new(path, "FieldValueForbidden", $"Forbidden: {detail}");

    public static FieldError Duplicate(string path, JsonNode? value) => new(path, "FieldValueDuplicate", $"Duplicate value: {Show(value)}");

    public static FieldError TooLong(string path, int maximum) => new(path, "FieldValueTooLong", $"Too long: may not be more than {maximum} bytes");

    public static FieldError TooMany(string path, int actual, int maximum) =>
        new(path, "FieldValueTooMany", $"Too many: {actual}: must have at most {maximum} items");

    /// <summary>A value as Go writes JSON: only what could be taken for HTML is escaped.</summary>
    public static string Show(JsonNode? value) => value is null
        ? "null"
        : value.ToJsonString(GoLike).Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);

    static readonly JsonSerializerOptions GoLike = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
