namespace Slotwise.ObjectStore.BuiltIn;

sealed class PodRules : IKindRules
{
    // See ValidatePodUpdate: everything else of a running pod is fixed.
    static readonly string[] Mutable = ["activeDeadlineSeconds", "tolerations", "schedulingGates"];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        // Of pods alone: a template does not say so.
        spec["enableServiceLinks"] ??= true;
        PodSpecs.Complete(spec);
        foreach (var container in PodSpecs.Containers(spec))
        {
            PodSpecs.CompleteRequests(container.Object("resources"));
        }
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        // The service account admission does this; pods of a template without one get theirs here.
        if (spec.Text("serviceAccountName") is null or "")
        {
            spec["serviceAccountName"] = "default";
        }

        PodSpecs.Complete(spec);
        if (before is not null)
        {
            return;
        }

        TolerateLostHosts(spec);
        spec["priority"] ??= 0;
        spec["preemptionPolicy"] ??= "PreemptLowerPriority";
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOf(spec) };
        if (spec.Array("schedulingGates") is { Count: > 0 })
        {
            obj["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Ensure("spec");
        if (before is null)
        {
            return PodSpecs.Validate(spec, "spec");
        }

        return SameButMutable(before.Object("spec"), spec)
            ? []
            : [FieldError.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")];
    }

    static bool SameButMutable(JsonObject? before, JsonObject after)
    {
        // a binding gives a pod its host, once
        var isBound = before.Text("nodeName") is { Length: > 0 };
        return JsonNode.DeepEquals(Fixed(before ?? []), Fixed(after))
            && (before.Array("tolerations") ?? []).All(given => (after.Array("tolerations") ?? []).Any(kept => JsonNode.DeepEquals(given, kept)));

        JsonObject Fixed(JsonObject spec)
        {
            var copy = spec.Clone();
            foreach (var name in Mutable)
            {
                copy.Remove(name);
            }

            if (!isBound)
            {
                copy.Remove("nodeName");
            }

            foreach (var container in PodSpecs.Containers(copy))
            {
                container.Remove("image");
                container.Remove("imagePullPolicy");
            }

            return copy;
        }
    }

    /// <summary>The DefaultTolerationSeconds admission: a host may be away for five minutes before its pods are given up.</summary>
    static void TolerateLostHosts(JsonObject spec)
    {
        foreach (var key in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            var given = spec.Array("tolerations") ?? [];
            if (!given.OfType<JsonObject>().Any(toleration => (toleration.Text("key") is null or "" || toleration.Text("key") == key) && toleration.Text("effect") is null or "" or "NoExecute"))
            {
                spec["tolerations"] = new JsonArray([.. given.Select(toleration => toleration?.DeepClone()), Tolerate(key)]);
            }
        }
    }

    static JsonObject Tolerate(string key) =>
        new() { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 };

    static string QualityOf(JsonObject spec)
    {
        var containers = PodSpecs.Containers(spec).Select(container => container.Object("resources")).ToList();
        if (containers.All(resources => resources.Object("limits") is not { Count: > 0 } && resources.Object("requests") is not { Count: > 0 }))
        {
            return "BestEffort";
        }

        var guaranteed = containers.All(resources => ((string[])["cpu", "memory"]).All(name =>
            resources.Object("limits")?[name] is { } limit && JsonNode.DeepEquals(limit, resources.Object("requests")?[name])));
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}
