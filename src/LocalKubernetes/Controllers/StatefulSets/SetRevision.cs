using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>Names and contents of a StatefulSet's ControllerRevisions. Pure.</summary>
public static class SetRevision
{
    public const string HashLabel = "controller.kubernetes.io/hash";

    const int LongestPrefix = 223;

    public static JsonObject DataOf(StatefulSetDocument set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var template = (JsonObject)set.Spec.Template.DeepClone();
        template["$patch"] = "replace";
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
    }

    /// <param name="collisions">How many names were taken by other revisions already.</param>
    public static ControllerRevisionDocument Build(StatefulSetDocument set, JsonObject data, long number, int collisions)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(data);
        var hash = TemplateHash.Of(data, collisions);
        var name = set.Metadata.Name!;
        var labels = new SortedDictionary<string, string>(TemplateLabels.Of(set.Spec.Template), StringComparer.Ordinal) { [HashLabel] = hash };
        return new ControllerRevisionDocument
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{name[..Math.Min(name.Length, LongestPrefix)]}-{hash}",
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = set.Metadata.Annotations,
                OwnerReferences = [OwnerReference.To(set)],
            },
            Data = data,
            Revision = number,
        };
    }

    /// <summary>The set with the template of a revision.</summary>
    public static StatefulSetDocument Restore(StatefulSetDocument set, ControllerRevisionDocument revision)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(revision);
        var template = (JsonObject?)revision.Data?["spec"]?["template"]?.DeepClone() ?? [];
        template.Remove("$patch");
        return set with { Spec = set.Spec with { Template = template } };
    }
}
