using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Environment;

/// <summary>What a pod may learn about itself: the downward API.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="PodIP">Its address; the object may not show it yet.</param>
/// <param name="HostIP">The address of its host.</param>
/// <param name="Allocatable">What the host has, which stands in for limits that are not set.</param>
public sealed partial record PodFields(V1Pod Pod, string PodIP, string HostIP, IReadOnlyDictionary<string, Quantity> Allocatable)
{
    /// <summary>The value of a field such as <c>metadata.labels['app']</c>; false when there is no such field.</summary>
    public bool TryGet(string path, out string value)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Subscript().Match(path) is { Success: true } match)
        {
            var map = match.Groups[1].Value == "labels" ? Pod.Metadata.Labels : Pod.Metadata.Annotations;
            value = map?.GetValueOrDefault(match.Groups[2].Value) ?? "";
            return true;
        }

        var found = path switch
        {
            "metadata.name" => Pod.Metadata.Name ?? "",
            "metadata.namespace" => Pod.Metadata.NamespaceProperty ?? "",
            "metadata.uid" => Pod.Metadata.Uid ?? "",
            "metadata.labels" => Format(Pod.Metadata.Labels),
            "metadata.annotations" => Format(Pod.Metadata.Annotations),
            "spec.nodeName" => Pod.Spec?.NodeName ?? "",
            "spec.serviceAccountName" => Pod.Spec?.ServiceAccountName ?? "default",
            "status.hostIP" or "status.hostIPs" => HostIP,
            "status.podIP" or "status.podIPs" => PodIP,
            _ => null,
        };
        value = found ?? "";
        return found is not null;
    }

    /// <summary>An amount such as <c>limits.memory</c> of one container, in units of the divisor and rounded up.</summary>
    public bool TryGet(V1ResourceFieldSelector selector, V1Container container, out string value)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(container);
        value = "";
        var (kind, resource) = selector.Resource.Split('.', 2) is [var first, var second] ? (first, second) : ("", "");
        if (kind is not ("limits" or "requests") || resource.Length == 0)
        {
            return false;
        }

        var limits = container.Resources?.Limits;
        var requests = container.Resources?.Requests;
        Quantity? amount = null;
        foreach (var map in kind == "limits" ? new[] { limits, Allocatable } : [requests, limits])
        {
            if (amount is null && map is not null && map.TryGetValue(resource, out var found))
            {
                amount = found;
            }
        }

        var divisor = selector.Divisor is { Amount: > 0 } given ? given.Amount : 1;
        value = Math.Ceiling((amount?.Amount ?? 0) / divisor).ToString("0", CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>As files of the downward API show labels: sorted, one a line, values quoted.</summary>
    static string Format(IReadOnlyDictionary<string, string>? map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in (map ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var quoted = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length > 0 ? "\n" : "").Append(CultureInfo.InvariantCulture, $"{key}=\"{quoted}\"");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^metadata\.(labels|annotations)\['([^']*)'\]$")]
    private static partial Regex Subscript();
}
