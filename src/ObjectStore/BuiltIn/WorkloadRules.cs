namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>What Deployments and ReplicaSets have in common. See <c>pkg/apis/apps/validation/validation.go</c>.</summary>
static class Workloads
{
    public static void Complete(JsonObject spec)
    {
        if (spec.Object("template") is { } template)
        {
            template.Ensure("metadata");
            PodSpecs.Complete(template.Ensure("spec"));
        }
    }

    public static IEnumerable<FieldError> Validate(JsonObject spec, JsonObject? before)
    {
        var selector = spec.Object("selector");
        if (selector is null or { Count: 0 })
        {
            yield return FieldError.Invalid("spec.selector", selector?.DeepClone(), "empty selector is invalid for deployment");
        }

        if (before.Object("spec")?["selector"] is { } old && !JsonNode.DeepEquals(old, selector))
        {
            yield return FieldError.Invalid("spec.selector", selector?.DeepClone(), "field is immutable");
        }

        if (spec.Object("template") is not { } template)
        {
            yield return FieldError.Required("spec.template");
            yield break;
        }

        var labels = template.Object("metadata").Object("labels");
        if (LabelSelector.Of(selector) is { } its && !its.Matches(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels?.DeepClone() } }))
        {
            yield return FieldError.Invalid("spec.template.metadata.labels", labels?.DeepClone(), "`selector` does not match template `labels`");
        }

        if (template.Object("spec") is { } pod)
        {
            foreach (var error in PodSpecs.Validate(pod, "spec.template.spec"))
            {
                yield return error;
            }

            if (pod.Text("restartPolicy") is { } policy and not "Always")
            {
                yield return FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["\"Always\""]);
            }
        }
    }
}

sealed class DeploymentRules : IKindRules
{
    const string QuarterOfAll = "25%";

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        Workloads.Complete(spec);
        if (spec.Object("strategy") is { } strategy && strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling["maxUnavailable"] ??= QuarterOfAll;
            rolling["maxSurge"] ??= QuarterOfAll;
        }

        if (before is null)
        {
            obj["status"] = new JsonObject();
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Ensure("spec");
        foreach (var error in Workloads.Validate(spec, before))
        {
            yield return error;
        }

        var strategy = spec.Object("strategy");
        if (strategy.Text("type") == "Recreate" && strategy?["rollingUpdate"] is not null)
        {
            yield return FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }

        if (strategy.Object("rollingUpdate") is { } rolling && IsZero(rolling["maxUnavailable"]) && IsZero(rolling["maxSurge"]))
        {
            yield return FieldError.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"]?.DeepClone(), "may not be 0 when `maxSurge` is 0");
        }

        if (spec.Number("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Number("minReadySeconds") ?? 0))
        {
            yield return FieldError.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }

    static bool IsZero(JsonNode? value) => value.AsNumber() == 0 || value.AsText() == "0%";
}

sealed class ReplicaSetRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        Workloads.Complete(obj.Ensure("spec"));
        if (before is null)
        {
            obj["status"] = new JsonObject { ["replicas"] = 0 };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before) => Workloads.Validate(obj.Ensure("spec"), before);
}
