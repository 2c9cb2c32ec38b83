using System.Text.Json;

namespace Slotwise.Entities.Validation;

/// <summary>
/// What <c>spec.podTemplate</c> must not hold: what would take the pod out of the restricted Pod Security Standard, and what the operator sets itself.
/// Its schema keeps unknown fields, into which CEL cannot look, so these rules stand here alone.
/// </summary>
static class PodTemplateRules
{
    const string Root = "spec.podTemplate";

    /// <summary>The server's container.</summary>
    const string RedisContainer = "redis";

    static readonly string[] HostFields = ["hostNetwork", "hostPID", "hostIPC"];

    static readonly string[] OwnedPodFields =
        ["restartPolicy", "nodeName", "hostname", "subdomain", "setHostnameAsFQDN", "terminationGracePeriodSeconds", "ephemeralContainers", "shareProcessNamespace", "os"];

    static readonly string[] RedisContainerFields = ["name", "env", "volumeMounts"];

    static readonly string[] OwnedLabels =
        [RedisClusterLabels.Cluster, RedisClusterLabels.Shard, RedisClusterLabels.Name, RedisClusterLabels.Instance, RedisClusterLabels.ManagedBy];

    public static IEnumerable<FieldError> Check(JsonElement? template)
    {
        if (template is not { } root)
        {
            return [];
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return [new FieldError(Root, root.GetRawText(), "must be an object with metadata and spec as in a pod template")];
        }

        return
        [
            .. Properties(root).Where(field => field.Name is not ("metadata" or "spec"))
                .Select(field => new FieldError($"{Root}.{field.Name}", Shown(field.Value), "a pod template has metadata and spec only: remove it")),
            .. Member(root, "metadata") is { } metadata ? CheckMetadata(metadata) : [],
            .. Member(root, "spec") is { } spec ? CheckPod(spec) : [],
        ];
    }

    static IEnumerable<FieldError> CheckMetadata(JsonElement metadata)
    {
        foreach (var field in Properties(metadata).Where(field => field.Name is not ("labels" or "annotations")))
        {
            yield return new FieldError($"{Root}.metadata.{field.Name}", Shown(field.Value), "only labels and annotations may be added: remove it");
        }

        foreach (var label in Properties(Member(metadata, "labels")).Where(label => OwnedLabels.Contains(label.Name, StringComparer.Ordinal)))
        {
            yield return new FieldError($"{Root}.metadata.labels[{label.Name}]", Shown(label.Value), "the operator finds its pods by this label: remove it");
        }
    }

    static IEnumerable<FieldError> CheckPod(JsonElement spec)
    {
        const string Path = $"{Root}.spec";
        foreach (var field in Properties(spec))
        {
            if (HostFields.Contains(field.Name, StringComparer.Ordinal) && field.Value.ValueKind != JsonValueKind.False)
            {
                yield return new FieldError($"{Path}.{field.Name}", Shown(field.Value), "a server must not share what belongs to its host: remove it");
            }
            else if (OwnedPodFields.Contains(field.Name, StringComparer.Ordinal))
            {
                yield return new FieldError($"{Path}.{field.Name}", Shown(field.Value), "the operator sets it, or its field of the same meaning in spec does: remove it");
            }
        }

        foreach (var (volume, path) in Items(spec, "volumes", Path))
        {
            if (Member(volume, "hostPath") is { } hostPath)
            {
                yield return new FieldError($"{path}.hostPath", Shown(hostPath), "a server must not reach into its host: use another kind of volume");
            }
        }

        foreach (var error in Items(spec, "initContainers", Path).Concat(Items(spec, "containers", Path)).SelectMany(item => CheckContainer(item.Value, item.Path)))
        {
            yield return error;
        }
    }

    static IEnumerable<FieldError> CheckContainer(JsonElement container, string path)
    {
        if (Member(container, "name") is not { ValueKind: JsonValueKind.String } name)
        {
            yield return new FieldError($"{path}.name", "absent", "containers are merged by name: give it one");
            yield break;
        }

        if (name.ValueEquals(RedisContainer))
        {
            foreach (var field in Properties(container).Where(field => !RedisContainerFields.Contains(field.Name, StringComparer.Ordinal)))
            {
                yield return new FieldError($"{path}.{field.Name}", Shown(field.Value), "the container redis may add env and volumeMounts only: remove it");
            }

            yield break;
        }

        foreach (var (port, portPath) in Items(container, "ports", path))
        {
            if (Member(port, "hostPort") is { } hostPort)
            {
                yield return new FieldError($"{portPath}.hostPort", Shown(hostPort), "a pod must not take a port of its host: remove it");
            }
        }

        if (Member(container, "securityContext") is not { } security)
        {
            yield break;
        }

        foreach (var field in Properties(security))
        {
            var isRefused = field.Name switch
            {
                "privileged" or "allowPrivilegeEscalation" => field.Value.ValueKind != JsonValueKind.False,
                "capabilities" => Member(field.Value, "add") is { ValueKind: JsonValueKind.Array } added && added.GetArrayLength() > 0,
                "procMount" => true,
                _ => false,
            };
            if (isRefused)
            {
                yield return new FieldError($"{path}.securityContext.{field.Name}", Shown(field.Value), "the pod must stay within the restricted Pod Security Standard: remove it");
            }
        }
    }

    static JsonProperty[] Properties(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } element ? [.. element.EnumerateObject()] : [];

    static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    static IEnumerable<(JsonElement Value, string Path)> Items(JsonElement value, string name, string path) =>
        Member(value, name) is { ValueKind: JsonValueKind.Array } array
            ? array.EnumerateArray().Select((item, index) => (item, $"{path}.{name}[{index}]"))
            : [];

    // what a sidecar is given may be a secret: only plain flags and numbers are shown
    static string Shown(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number ? value.GetRawText() : "set";
}
