using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

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

    /// <summary>What the container of the server is made with; held in step with the template by a test.</summary>
    static readonly string[] OwnedVolumes = ["data", "config", "credentials", "pod", "run", "tmp"];

    static readonly string[] OwnedVariables = ["POD_NAME", "POD_UID", "POD_IP", "CLUSTER_UID", "STABLE_HOST", "FIXED_CONFIG"];

    static readonly string[] OwnedPlaces = ["/data", "/etc/slotwise", "/run/slotwise", "/tmp"];

    const string OwnedAnnotations = "slotwise.dev/";

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

        List<FieldError> errors =
        [
            .. Properties(root).Where(field => field.Name is not ("metadata" or "spec"))
                .Select(field => new FieldError($"{Root}.{field.Name}", Shown(field.Value), "a pod template has metadata and spec only: remove it")),
            .. Member(root, "metadata") is { } metadata ? CheckMetadata(metadata) : [],
            .. Member(root, "spec") is { } spec ? CheckPod(spec) : [],
        ];
        return errors.Count > 0 ? errors : [.. CheckTypes(root, "metadata", KubernetesJson.Default.V1ObjectMeta), .. CheckTypes(root, "spec", KubernetesJson.Default.V1PodSpec)];
    }

    /// <summary>What is of another type than a pod's, or lacks what it must have, cannot be merged into one.</summary>
    static IEnumerable<FieldError> CheckTypes<T>(JsonElement root, string part, JsonTypeInfo<T> type)
    {
        if (Member(root, part) is not { } value)
        {
            return [];
        }

        try
        {
            value.Deserialize(type);
            return [];
        }
        catch (JsonException e)
        {
            return [new FieldError($"{Root}.{part}{e.Path?.TrimStart('$')}", "set", $"a pod has something else there, or it lacks what it must have: write it as kubectl explain pod.{part} says")];
        }
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

        foreach (var annotation in Properties(Member(metadata, "annotations")).Where(annotation => annotation.Name.StartsWith(OwnedAnnotations, StringComparison.Ordinal)))
        {
            yield return new FieldError($"{Root}.metadata.annotations[{annotation.Name}]", Shown(annotation.Value), "the operator's own annotations begin so: remove it");
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

        foreach (var error in Member(spec, "securityContext") is { } security ? CheckSecurity(security, $"{Path}.securityContext") : [])
        {
            yield return error;
        }

        foreach (var (volume, path) in Items(spec, "volumes", Path))
        {
            if (Text(volume, "name") is { } owned && OwnedVolumes.Contains(owned, StringComparer.Ordinal))
            {
                yield return new FieldError($"{path}.name", owned, "the server's own volume has this name: choose another one");
            }

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

            foreach (var error in CheckServer(container, path))
            {
                yield return error;
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

        foreach (var error in Member(container, "securityContext") is { } security ? CheckSecurity(security, $"{path}.securityContext") : [])
        {
            yield return error;
        }
    }

    /// <summary>Variables and mounts that the server is started with already.</summary>
    static IEnumerable<FieldError> CheckServer(JsonElement container, string path)
    {
        foreach (var (variable, variablePath) in Items(container, "env", path))
        {
            if (Text(variable, "name") is { } name && OwnedVariables.Contains(name, StringComparer.Ordinal))
            {
                yield return new FieldError($"{variablePath}.name", name, "the server is started with this variable already: choose another one");
            }
        }

        foreach (var (mount, mountPath) in Items(container, "volumeMounts", path))
        {
            if (Text(mount, "mountPath") is { } place && OwnedPlaces.Any(owned => place == owned || place.StartsWith(owned + "/", StringComparison.Ordinal)))
            {
                yield return new FieldError($"{mountPath}.mountPath", place, "the server's own files are there: mount it elsewhere");
            }
        }
    }

    static IEnumerable<FieldError> CheckSecurity(JsonElement security, string path)
    {
        foreach (var field in Properties(security))
        {
            var isRefused = field.Name switch
            {
                "privileged" or "allowPrivilegeEscalation" => field.Value.ValueKind != JsonValueKind.False,
                "capabilities" => Member(field.Value, "add") is { ValueKind: JsonValueKind.Array } added && added.GetArrayLength() > 0,
                "procMount" => true,
                "runAsNonRoot" => field.Value.ValueKind != JsonValueKind.True,
                "runAsUser" => field.Value.ValueKind != JsonValueKind.Number || field.Value.GetRawText() == "0",
                "seccompProfile" => Text(field.Value, "type") == "Unconfined",
                _ => false,
            };
            if (isRefused)
            {
                yield return new FieldError($"{path}.{field.Name}", Shown(field.Value), "the pod must stay within the restricted Pod Security Standard: remove it");
            }
        }
    }

    static JsonProperty[] Properties(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } element ? [.. element.EnumerateObject()] : [];

    static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    static string? Text(JsonElement value, string name) => Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    static IEnumerable<(JsonElement Value, string Path)> Items(JsonElement value, string name, string path) =>
        Member(value, name) is { ValueKind: JsonValueKind.Array } array
            ? array.EnumerateArray().Select((item, index) => (item, $"{path}.{name}[{index}]"))
            : [];

    // what a sidecar is given may be a secret: only plain flags and numbers are shown
    static string Shown(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number ? value.GetRawText() : "set";
}
