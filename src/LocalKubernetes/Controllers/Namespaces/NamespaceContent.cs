using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Controllers.Discovery;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Controllers.Namespaces;

/// <summary>What a namespace that is being deleted still has in it, and what holds that: as conditions. Pure; the words are those of Kubernetes' status_condition_utils.go.</summary>
public static class NamespaceContent
{
    /// <param name="left">What is left, and of which kind.</param>
    /// <param name="before">The conditions so far.</param>
    /// <param name="now">When a condition changed, if it did.</param>
    public static JsonArray ConditionsOf(IReadOnlyList<AnyObject> left, JsonArray? before, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(left);
        var kinds = left.GroupBy(obj => $"{obj.Kind.Kind.Plural}.{obj.Kind.Kind.Group}").OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} has {group.Count()} resource instances").ToList();
        var finalizers = left.SelectMany(obj => obj.Metadata.Finalizers ?? []).GroupBy(finalizer => finalizer).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} in {group.Count()} resource instances").ToList();
        return
        [
            Condition("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
            Condition("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            Condition("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            kinds.Count == 0
                ? Condition("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : Condition("NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", kinds)}"),
            finalizers.Count == 0
                ? Condition("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished")
                : Condition("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers)}"),
        ];

        JsonObject Condition(string type, bool holds, string reason, string message)
        {
            var earlier = (before ?? []).OfType<JsonObject>().FirstOrDefault(one => one.Text("type") == type);
            var status = holds ? "True" : "False";
            return new JsonObject
            {
                ["type"] = type,
                ["status"] = status,
                ["reason"] = reason,
                ["message"] = message,
                ["lastTransitionTime"] = earlier.Text("status") == status ? earlier.Text("lastTransitionTime") : Meta.Time(now),
            };
        }
    }
}
