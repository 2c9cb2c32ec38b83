using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>urls</c> library of Kubernetes: absolute URLs, or paths that begin with a slash.</summary>
static class UrlFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Of<string>("url", CelType.Url, text => Read(text) is { } url ? url : new CelError($"URL parse error during conversion from string: parse \"{text}\": invalid URI for request"), Work.Reads),
        Overload.Of<string>("isURL", CelType.Bool, text => Read(text) is not null, Work.Reads),
        Overload.Member<Uri>("getScheme", CelType.Text, url => url.IsAbsoluteUri ? url.Scheme : ""),
        Overload.Member<Uri>("getHost", CelType.Text, Host),
        Overload.Member<Uri>("getHostname", CelType.Text, url => url.IsAbsoluteUri ? url.Host.Trim('[', ']') : ""),
        Overload.Member<Uri>("getPort", CelType.Text, url => Host(url) is string host && host.LastIndexOf(':') is > 0 and var colon && !host.EndsWith(']') ? host[(colon + 1)..] : ""),
        Overload.Member<Uri>("getEscapedPath", CelType.Text, url => Parts(url).Path),
        Overload.Member<Uri>("getQuery", CelType.MapOf(CelType.Text, Overload.ListOfText), Query),
    ];

    static Uri? Read(string text)
    {
        if (text.Length == 0 || text.Any(character => char.IsControl(character) || character == ' '))
        {
            return null;
        }

        return text[0] == '/'
            ? Uri.TryCreate(text, UriKind.Relative, out var path) ? path : null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;
    }

    static object Host(Uri url)
    {
        if (!url.IsAbsoluteUri)
        {
            return "";
        }

        // As it is written: a port that is the scheme's own is part of it.
        var authority = url.OriginalString[(url.OriginalString.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart('/');
        var end = authority.IndexOfAny(['/', '?', '#']);
        return (end < 0 ? authority : authority[..end]).Split('@')[^1];
    }

    static (string Path, string Query) Parts(Uri url)
    {
        var text = url.OriginalString.Split('#')[0];
        if (url.IsAbsoluteUri && text.IndexOf("://", StringComparison.Ordinal) is > 0 and var colon)
        {
            var slash = text.IndexOfAny(['/', '?'], colon + 3);
            text = slash < 0 ? "" : text[slash..];
        }

        var question = text.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (text, "") : (text[..question], text[(question + 1)..]);
    }

    static object Query(Uri url)
    {
        var values = new Dictionary<object, object>();
        foreach (var pair in Parts(url).Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var name = Uri.UnescapeDataString(parts[0].Replace('+', ' '));
            var value = Uri.UnescapeDataString((parts.Length > 1 ? parts[1] : "").Replace('+', ' '));
            values[name] = CelList.Of([.. values.GetValueOrDefault(name) as CelList ?? CelList.Of([]), value]);
        }

        return CelMap.Of(values);
    }
}
