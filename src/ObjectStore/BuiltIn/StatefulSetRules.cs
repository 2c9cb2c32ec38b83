namespace Slotwise.ObjectStore.BuiltIn;

sealed class StatefulSetRules : IKindRules
{
    static readonly string[] Mutable = ["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        if (spec.Object("template") is { } template)
        {
            template.Ensure("metadata");
            PodSpecs.Complete(template.Ensure("spec"));
        }

        if (spec.Object("updateStrategy") is { } strategy && strategy.Text("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate")["partition"] ??= 0;
        }

        foreach (var claim in (spec.Array("volumeClaimTemplates") ?? []).OfType<JsonObject>())
        {
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            claim.Ensure("status")["phase"] ??= "Pending";
        }

    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        if (before is null)
        {
            obj["status"] = new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Ensure("spec");
        if (before is not null && !JsonNode.DeepEquals(Fixed(before.Object("spec") ?? []), Fixed(spec)))
        {
            yield return FieldError.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }

        var labels = spec.Object("template").Object("metadata").Object("labels");
        if (LabelSelector.Of(spec.Object("selector")) is { } selector && !selector.Matches(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels?.DeepClone() } }))
        {
            yield return FieldError.Invalid("spec.template.metadata.labels", labels?.DeepClone(), "`selector` does not match template `labels`");
        }

        if (spec.Object("template").Object("spec") is not { } pod)
        {
            yield break;
        }

        // The claims of the set are volumes of its pods.
        var withClaims = pod.Clone();
        var volumes = withClaims.Array("volumes") ?? [];
        foreach (var claim in (spec.Array("volumeClaimTemplates") ?? []).OfType<JsonObject>())
        {
            volumes.Add((JsonNode)new JsonObject { ["name"] = Meta.Name(claim) });
        }

        withClaims["volumes"] = volumes.Parent is null ? volumes : volumes.DeepClone();
        foreach (var error in PodSpecs.Validate(withClaims, "spec.template.spec"))
        {
            yield return error;
        }

        if (pod.Text("restartPolicy") is { } policy and not "Always")
        {
            yield return FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["\"Always\""]);
        }
    }

    static JsonObject Fixed(JsonObject spec)
    {
        var copy = spec.Clone();
        foreach (var name in Mutable)
        {
            copy.Remove(name);
        }

        return copy;
    }
}
