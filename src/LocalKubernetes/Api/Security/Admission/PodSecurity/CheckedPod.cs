using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>A pod's spec as the checks look at it.</summary>
sealed class CheckedPod(JsonObject spec)
{
    public JsonObject Spec { get; } = spec;

    public JsonObject? Context => Spec.Object("securityContext");

    public IReadOnlyList<JsonObject> Volumes { get; } = [.. (spec.Array("volumes") ?? []).OfType<JsonObject>()];

    /// <summary>Of all sorts.</summary>
    public IReadOnlyList<JsonObject> Containers { get; } =
        [.. ((string[])["initContainers", "containers", "ephemeralContainers"]).SelectMany(list => spec.Array(list) ?? []).OfType<JsonObject>()];

    /// <summary>The names of the containers for which something holds, given their security contexts.</summary>
    public List<string> Where(Func<JsonObject?, bool> holds) =>
        [.. Containers.Where(container => holds(container.Object("securityContext"))).Select(container => container.Text("name") ?? "")];

    /// <summary><c>container "a"</c>, <c>containers "a", "b"</c>.</summary>
    public static string Name(IReadOnlyCollection<string> containers) => $"{(containers.Count == 1 ? "container" : "containers")} {Quote(containers)}";

    public static string Quote(IEnumerable<string> values) => string.Join(", ", values.Select(value => $"\"{value}\""));

    /// <summary>Who set something: the pod, containers, or both, in the words of a refusal.</summary>
    public static string Setters(bool pod, IReadOnlyCollection<string> containers) =>
        string.Join(" and ", new[] { pod ? "pod" : null, containers.Count > 0 ? Name(containers) : null }.OfType<string>());
}
