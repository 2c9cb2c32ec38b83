using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>format</c> library of Kubernetes (since 1.32).</summary>
static partial class FormatFunctions
{
    const string LabelRule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    const string SubdomainRule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    const string OldLabelRule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    const string NameRule = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    const string ValueRule = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    static readonly NamedFormat[] Formats =
    [
        new("dns1123Label", text => Named(text, 63, Label(), LabelRule)),
        new("dns1123LabelPrefix", text => Named(Prefix(text), 63, Label(), LabelRule)),
        new("dns1123Subdomain", text => Named(text, 253, Subdomain(), SubdomainRule)),
        new("dns1123SubdomainPrefix", text => Named(Prefix(text), 253, Subdomain(), SubdomainRule)),
        new("dns1035Label", text => Named(text, 63, OldLabel(), OldLabelRule)),
        new("dns1035LabelPrefix", text => Named(Prefix(text), 63, OldLabel(), OldLabelRule)),
        new("qualifiedName", QualifiedName),
        new("labelValue", text => Named(text, 63, LabelValue(), ValueRule)),
        new("uri", text => TextFormat.IsValid("uri", text) || text.StartsWith('/') ? [] : [$"parse \"{text}\": invalid URI for request"]),
        new("uuid", text => TextFormat.IsValid("uuid", text) ? [] : ["does not match the UUID format"]),
        new("byte", text => TextFormat.IsValid("byte", text) ? [] : ["invalid base64"]),
        new("date", text => TextFormat.IsValid("date", text) ? [] : ["invalid date"]),
        new("datetime", text => TextFormat.IsValid("date-time", text) ? [] : ["invalid datetime"]),
    ];

    public static IEnumerable<Overload> All =>
    [
        .. Formats.Select(format => Overload.Of($"format.{format.Name}", CelType.NamedFormat, [], _ => format)),
        Overload.Of<string>("format.named", CelType.OptionalOf(CelType.NamedFormat), name => new CelOptional(Array.Find(Formats, format => format.Name == name))),
        Overload.Member<NamedFormat, string>("validate", CelType.OptionalOf(Overload.ListOfText), Validate, Work.Reads),
    ];

    static object Validate(NamedFormat format, string text) => format.Check(text) is { Count: > 0 } faults ? new CelOptional(CelList.Of([.. faults])) : CelOptional.None;

    static IReadOnlyList<string> Named(string text, int longest, Regex form, string rule) =>
    [
        .. text.Length > longest ? (string[])[$"must be no more than {longest} {(longest == 63 && form == LabelValue() ? "bytes" : "characters")}"] : [],
        .. form.IsMatch(text) ? (string[])[] : [rule],
    ];

    static IReadOnlyList<string> QualifiedName(string text)
    {
        var parts = text.Split('/');
        return parts.Length > 2
            ? [$"a qualified name {NameRule["name part ".Length..]} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
            : [.. parts.Length == 2 ? Named(parts[0], 253, Subdomain(), SubdomainRule).Select(fault => $"prefix part {fault}") : [],
               .. parts[^1].Length == 0 ? (string[])["name part must be non-empty"] : [],
               .. parts[^1].Length > 63 ? (string[])["name part must be no more than 63 bytes"] : [],
               .. Name().IsMatch(parts[^1]) ? (string[])[] : [NameRule]];
    }

    /// <summary>What a prefix ends with is followed by more, so a hyphen may stand there.</summary>
    static string Prefix(string text) => text.EndsWith('-') ? $"{text[..^1]}a" : text;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex OldLabel();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
