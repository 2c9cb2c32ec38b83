using System.Globalization;
using System.Text;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Client;

/// <summary>Paths and queries of the API, relative to the server's address.</summary>
static class RequestUri
{
    public static string Object<T>(string? ns, string name, string? subresource = null)
        where T : class, IKubernetesObject<T>
    {
        var kind = KubernetesKind.Of<T>();
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (kind.Namespaced)
        {
            ArgumentException.ThrowIfNullOrEmpty(ns);
        }

        return kind.Path(ns, name, subresource);
    }

    public static string List<T>(string? ns, ListOptions options)
        where T : class, IKubernetesObject<T> =>
        Build(
            KubernetesKind.Of<T>().Path(ns),
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector),
            ("limit", options.Limit?.ToString(CultureInfo.InvariantCulture)),
            ("continue", options.Continue),
            ("resourceVersion", options.Continue is null ? options.ResourceVersion : null)); // a continue token carries its own version

    public static string Watch<T>(string? ns, WatchOptions options)
        where T : class, IKubernetesObject<T> =>
        Build(
            KubernetesKind.Of<T>().Path(ns),
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", options.ResourceVersion),
            ("timeoutSeconds", Math.Max(1, (long)options.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector));

    public static string Apply<T>(T obj, ApplyOptions options)
        where T : class, IKubernetesObject<T> =>
        Build(
            Object<T>(obj.Metadata.NamespaceProperty, obj.Metadata.Name ?? "", options.Subresource),
            ("fieldManager", options.FieldManager),
            ("force", options.Force ? "true" : "false"));

    static string Build(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }
}
