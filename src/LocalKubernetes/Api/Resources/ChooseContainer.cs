using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>Which container of a pod a request means.</summary>
static class ChooseContainer
{
    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: there is none of that name, or none is named and there are several.</exception>
    public static string Of(JsonObject pod, string? asked)
    {
        var main = Names(pod, "containers");
        if (asked is null or "")
        {
            return main is [var only] ? only : throw ApiError.BadRequest($"a container name must be specified for pod {Meta.Name(pod)}, choose one of: [{string.Join(' ', main)}]{InitNames(pod)}");
        }

        return Names(pod, "initContainers").Concat(main).Contains(asked) ? asked : throw ApiError.BadRequest($"container {asked} is not valid for pod {Meta.Name(pod)}");
    }

    static string InitNames(JsonObject pod) => Names(pod, "initContainers") is { Count: > 0 } names ? $" or one of the init containers: [{string.Join(' ', names)}]" : "";

    static List<string> Names(JsonObject pod, string list) => [.. (pod.Object("spec").Array(list) ?? []).OfType<JsonObject>().Select(container => container.Text("name") ?? "")];
}
