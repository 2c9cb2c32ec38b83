using System.Text.Json.Nodes;

namespace Slotwise.Conformance.Pods;

/// <summary>A pod's status, to be asked in few words.</summary>
public sealed record PodState(JsonObject Json)
{
    public JsonNode Metadata => Json["metadata"]!;

    public JsonNode Status => Json["status"]!;

    public string Uid => (string)Metadata["uid"]!;

    public string? Phase => (string?)Status["phase"];

    public string? Reason => (string?)Status["reason"];

    public string? Message => (string?)Status["message"];

    public string? PodIP => (string?)Status["podIP"];

    public bool IsReady => Condition("Ready").IsTrue;

    public ContainerState Main => Container("main");

    public PodCondition Condition(string type) =>
        new(Status["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type)?.AsObject() ?? []);

    /// <summary>What is known of one of its containers of any sort; all is null when nothing is.</summary>
    public ContainerState Container(string name) => new(
        new[] { "containerStatuses", "initContainerStatuses" }
            .SelectMany(list => Status[list]?.AsArray() ?? [])
            .FirstOrDefault(status => (string?)status!["name"] == name)?.AsObject() ?? []);
}

/// <summary>One condition; all is null when the pod has none of its type.</summary>
public sealed record PodCondition(JsonObject Json)
{
    public string? Status => (string?)Json["status"];

    public bool IsTrue => Status == "True";

    public string? Reason => (string?)Json["reason"];

    public string? Message => (string?)Json["message"];

    public string? LastTransitionTime => (string?)Json["lastTransitionTime"];
}

/// <summary>The status of one container.</summary>
public sealed record ContainerState(JsonObject Json)
{
    public JsonNode? Waiting => Json["state"]?["waiting"];

    public JsonNode? Running => Json["state"]?["running"];

    public JsonNode? Terminated => Json["state"]?["terminated"];

    /// <summary>How the run before the present one ended.</summary>
    public JsonNode? Last => Json["lastState"]?["terminated"];

    public string? WaitingReason => (string?)Waiting?["reason"];

    public string? WaitingMessage => (string?)Waiting?["message"];

    public int RestartCount => (int?)Json["restartCount"] ?? 0;

    public bool Ready => (bool?)Json["ready"] == true;

    public bool Started => (bool?)Json["started"] == true;

    public string? Id => (string?)Json["containerID"];
}
