namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>What Kubernetes fills in and refuses in a pod's spec, also in that of a template. See <c>pkg/apis/core/v1/defaults.go</c> and <c>validation.go</c>.</summary>
static class PodSpecs
{
    public static IEnumerable<JsonObject> Containers(JsonObject? spec) =>
        (spec.Array("initContainers") ?? []).Concat(spec.Array("containers") ?? []).OfType<JsonObject>();

    public static void Complete(JsonObject spec)
    {
        foreach (var container in Containers(spec))
        {
            if (container.Text("imagePullPolicy") is null && container.Text("image") is { } image)
            {
                container["imagePullPolicy"] = TagOf(image) is "latest" ? "Always" : "IfNotPresent";
            }
        }

        // The two names are one field: the older one follows the newer.
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }

        if (spec.Object("securityContext") is null)
        {
            spec["securityContext"] = new JsonObject();
        }

        foreach (var volume in (spec.Array("volumes") ?? []).OfType<JsonObject>())
        {
            if (volume.Count == 1)
            {
                volume["emptyDir"] = new JsonObject();
            }
        }
    }

    public static IEnumerable<FieldError> Validate(JsonObject spec, string path)
    {
        var volumes = (spec.Array("volumes") ?? []).OfType<JsonObject>().Select(volume => volume.Text("name")).ToHashSet();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            var containers = (spec.Array(list) ?? []).OfType<JsonObject>().ToList();
            for (var i = 0; i < containers.Count; i++)
            {
                var at = $"{path}.{list}[{i}]";
                if (containers[i].Text("name") is { } name && NameRules.LabelFault(name) is { } fault)
                {
                    yield return FieldError.Invalid($"{at}.name", name, fault);
                }

                if (string.IsNullOrEmpty(containers[i].Text("image")))
                {
                    yield return FieldError.Required($"{at}.image");
                }

                foreach (var error in ValidateContainer(containers[i], volumes, at).Concat(ValidateEnvironment(containers[i], at)).Concat(ValidateProbes(containers[i], at)))
                {
                    yield return error;
                }
            }
        }

        foreach (var error in ValidateVolumes(spec, path))
        {
            yield return error;
        }
    }

    static IEnumerable<FieldError> ValidateContainer(JsonObject container, HashSet<string?> volumes, string at)
    {
        var mounts = (container.Array("volumeMounts") ?? []).OfType<JsonObject>().ToList();
        for (var i = 0; i < mounts.Count; i++)
        {
            if (!volumes.Contains(mounts[i].Text("name")))
            {
                yield return new FieldError($"{at}.volumeMounts[{i}].name", "FieldValueNotFound", $"Not found: {FieldError.Show(mounts[i]["name"])}");
            }
        }

        foreach (var (resource, request) in container.Object("resources").Object("requests") ?? [])
        {
            if (container.Object("resources").Object("limits")?[resource] is { } limit
                && Quantity.TryParse(TextOf(request), out var asked) && Quantity.TryParse(TextOf(limit), out var most) && asked > most)
            {
                yield return FieldError.Invalid($"{at}.resources.requests", TextOf(request), $"must be less than or equal to {resource} limit of {TextOf(limit)}");
            }
        }
    }

    static IEnumerable<FieldError> ValidateEnvironment(JsonObject container, string at)
    {
        var names = (container.Array("env") ?? []).Select(variable => (variable as JsonObject).Text("name") ?? "").ToList();
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == 0)
            {
                yield return FieldError.Required($"{at}.env[{i}].name");
            }
            else if (names[i].Any(c => c is < ' ' or > '~' or '='))
            {
                yield return FieldError.Invalid($"{at}.env[{i}].name", names[i], "a valid environment variable name must consist only of printable ASCII characters other than '='");
            }
        }
    }

    static IEnumerable<FieldError> ValidateProbes(JsonObject container, string at) =>
        ((string[])["livenessProbe", "readinessProbe", "startupProbe"])
            .Where(name => container.Object(name) is { } probe && !((string[])["exec", "httpGet", "tcpSocket", "grpc"]).Any(probe.ContainsKey))
            .Select(name => FieldError.Required($"{at}.{name}", "must specify a handler type"));

    static IEnumerable<FieldError> ValidateVolumes(JsonObject spec, string path)
    {
        var volumes = (spec.Array("volumes") ?? []).OfType<JsonObject>().ToList();
        for (var i = 0; i < volumes.Count; i++)
        {
            if (volumes[i].Text("name") is { } name && NameRules.LabelFault(name) is { } fault)
            {
                yield return FieldError.Invalid($"{path}.volumes[{i}].name", name, fault);
            }

            if (volumes[i].Count > 2)
            {
                var second = volumes[i].Select(member => member.Key).Where(key => key != "name").ElementAt(1);
                yield return FieldError.Forbidden($"{path}.volumes[{i}].{second}", "may not specify more than 1 volume type");
            }
        }
    }

    /// <summary>A limit without a request is also the request. Of pods only: a template keeps what it was given.</summary>
    public static void CompleteRequests(JsonObject? resources)
    {
        if (resources.Object("limits") is not { } limits)
        {
            return;
        }

        var requests = resources!.Ensure("requests");
        foreach (var (resource, limit) in limits)
        {
            if (!requests.ContainsKey(resource))
            {
                requests[resource] = limit?.DeepClone();
            }
        }
    }

    static string TagOf(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return "";
        }

        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? "latest" : name[(colon + 1)..];
    }

    static string TextOf(JsonNode? node) => node.AsText() ?? FieldError.Show(node);
}
