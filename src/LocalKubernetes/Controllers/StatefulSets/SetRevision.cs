using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>Names and contents of a StatefulSet's ControllerRevisions. Pure.</summary>
public static class SetRevision
{
    // the letters that Kubernetes makes such names of: no vowels, so no words
    const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    public static JsonObject DataOf(StatefulSetDocument set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var template = (JsonObject)set.Spec.Template.DeepClone();
        template["$patch"] = "replace";
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
    }

    public static string NameOf(StatefulSetDocument set, JsonObject data)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(data);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(data.ToJsonString()));
        return $"{set.Metadata.Name}-{string.Concat(hash.Take(10).Select(b => Letters[b % Letters.Length]))}";
    }

    public static ControllerRevisionDocument Build(StatefulSetDocument set, JsonObject data, long number)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new ControllerRevisionDocument
        {
            Metadata = new V1ObjectMeta
            {
                Name = NameOf(set, data),
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = set.Spec.Selector.MatchLabels,
                OwnerReferences = [BuildSetPod.OwnerOf(set)],
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
