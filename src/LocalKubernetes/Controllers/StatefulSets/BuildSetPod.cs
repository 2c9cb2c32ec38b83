using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>The pods and claims of a StatefulSet. Pure.</summary>
public static class BuildSetPod
{
    public const string RevisionLabel = "controller-revision-hash";
    public const string NameLabel = "statefulset.kubernetes.io/pod-name";
    public const string IndexLabel = "apps.kubernetes.io/pod-index";

    public static string NameOf(StatefulSetDocument set, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(set);
        return $"{set.Metadata.Name}-{ordinal.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>The number in a pod's name; null when the name is not one of the set's.</summary>
    public static int? OrdinalOf(StatefulSetDocument set, string? podName)
    {
        ArgumentNullException.ThrowIfNull(set);
        var prefix = set.Metadata.Name + "-";
        return podName is not null && podName.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(podName.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            && NameOf(set, ordinal) == podName ? ordinal : null;
    }

    /// <summary>Whether a pod's ordinal is one of those that the set asks for.</summary>
    public static bool IsWanted(StatefulSetDocument set, V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(set);
        var start = set.Spec.Ordinals?.Start ?? 0;
        return OrdinalOf(set, pod?.Metadata.Name) is { } ordinal && ordinal >= start && ordinal < start + (set.Spec.Replicas ?? 1);
    }

    /// <param name="set">With the template of the wanted revision.</param>
    /// <param name="ordinal">Which pod.</param>
    /// <param name="revision">The name of the revision.</param>
    public static PodDocument Pod(StatefulSetDocument set, int ordinal, string revision)
    {
        ArgumentNullException.ThrowIfNull(set);
        var name = NameOf(set, ordinal);
        var template = set.Spec.Template;
        var spec = (JsonObject?)template["spec"]?.DeepClone() ?? [];
        spec["hostname"] = name;
        spec["subdomain"] = set.Spec.ServiceName;
        AddClaims(set, spec, name);
        var labels = TemplateLabels.Read(template["metadata"]?["labels"]);
        labels[NameLabel] = name;
        labels[IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture);
        labels[RevisionLabel] = revision;
        var annotations = TemplateLabels.Read(template["metadata"]?["annotations"]);
        return new PodDocument
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                GenerateName = $"{set.Metadata.Name}-",
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = annotations.Count == 0 ? null : annotations,
                OwnerReferences = [OwnerReference.To(set)],
            },
            Spec = spec,
        };
    }

    /// <summary>The claims of one pod.</summary>
    public static IReadOnlyList<ClaimDocument> Claims(StatefulSetDocument set, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(set);
        return [.. (set.Spec.VolumeClaimTemplates ?? []).Select(template =>
        {
            var labels = TemplateLabels.Read(template["metadata"]?["labels"]);
            foreach (var (key, value) in set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>())
            {
                labels[key] = value;
            }

            var annotations = TemplateLabels.Read(template["metadata"]?["annotations"]);
            return new ClaimDocument
            {
                Metadata = new V1ObjectMeta
                {
                    Name = ClaimName(template, NameOf(set, ordinal)),
                    NamespaceProperty = set.Metadata.NamespaceProperty,
                    Labels = labels,
                    Annotations = annotations.Count == 0 ? null : annotations,
                },
                Spec = (JsonObject?)template["spec"]?.DeepClone() ?? [],
            };
        })];
    }

    static void AddClaims(StatefulSetDocument set, JsonObject spec, string podName)
    {
        if (set.Spec.VolumeClaimTemplates is not { Count: > 0 } templates)
        {
            return;
        }

        var names = templates.Select(template => template["metadata"]?["name"]?.GetValue<string>()).ToHashSet();
        var volumes = new JsonArray();
        foreach (var template in templates)
        {
            volumes.Add((JsonNode)new JsonObject
            {
                ["name"] = template["metadata"]?["name"]?.DeepClone(),
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = ClaimName(template, podName) },
            });
        }

        // a claim takes the place of a volume of the same name
        foreach (var volume in (spec["volumes"] as JsonArray ?? []).Where(volume => !names.Contains(volume?["name"]?.GetValue<string>())))
        {
            volumes.Add(volume?.DeepClone());
        }

        spec["volumes"] = volumes;
    }

    static string ClaimName(JsonObject template, string podName) => $"{template["metadata"]?["name"]?.GetValue<string>()}-{podName}";
}
