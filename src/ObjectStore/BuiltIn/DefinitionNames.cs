namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>Whether the names that a definition asks for are free in its group, as the conditions <c>NamesAccepted</c> and <c>Established</c> say.</summary>
static class DefinitionNames
{
    public static void Accept(JsonObject definition, JsonObject status, Store store)
    {
        var (resources, kinds) = Taken(definition, store);
        var asked = definition.Object("spec").Object("names")!;
        var accepted = status.Object("acceptedNames")?.Clone() ?? [];
        var conflict = default((string Reason, string Message)?);
        foreach (var (name, reason, taken) in (List<(string, string, HashSet<string>)>)
        [
            ("plural", "PluralConflict", resources),
            ("singular", "SingularConflict", resources),
            ("kind", "KindConflict", kinds),
            ("listKind", "ListKindConflict", kinds),
        ])
        {
            var wanted = asked.Text(name) ?? "";
            if (wanted != accepted.Text(name) && taken.Contains(wanted))
            {
                conflict = (reason, $"\"{wanted}\" is already in use");
            }
            else
            {
                accepted[name] = wanted;
            }
        }

        // Names without which there are none: empty until they are given.
        accepted["plural"] ??= "";
        accepted["kind"] ??= "";
        var shortNames = asked.Array("shortNames").Texts().ToList();
        var inUse = shortNames.Except(accepted.Array("shortNames").Texts()).Where(resources.Contains).Select(name => $"\"{name}\" is already in use").ToList();
        if (inUse.Count > 0)
        {
            conflict = ("ShortNamesConflict", inUse.Count == 1 ? inUse[0] : $"[{string.Join(", ", inUse)}]");
        }
        else
        {
            Copy(asked, accepted, "shortNames");
        }

        Copy(asked, accepted, "categories");
        status["acceptedNames"] = accepted;
        Set(status, "NamesAccepted", conflict is null, conflict?.Reason ?? "NoConflicts", conflict?.Message ?? "no conflicts found", store);
        if (IsTrue(status, "Established"))
        {
            return;
        }

        if (conflict is null)
        {
            Set(status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", store);
        }
        else
        {
            Set(status, "Established", false, "NotAccepted", "not all names are accepted", store);
        }
    }

    /// <summary>A kind is served from when it was established for the first time.</summary>
    public static bool IsEstablished(JsonObject definition) => IsTrue(definition.Object("status"), "Established");

    /// <summary>Whether a change of a definition changes what is served; notes and conditions alone do not.</summary>
    public static bool ServesOther(JsonObject? before, JsonObject after) =>
        before is null
        || IsEstablished(before) != IsEstablished(after)
        || !JsonNode.DeepEquals(before["spec"], after["spec"])
        || !JsonNode.DeepEquals(before.At("status.acceptedNames"), after.At("status.acceptedNames"));

    static (HashSet<string> Resources, HashSet<string> Kinds) Taken(JsonObject definition, Store store)
    {
        var (resources, kinds) = (new HashSet<string>(), new HashSet<string>());
        foreach (var other in store.List(store.Kinds.BuiltIn("customresourcedefinitions"), null, new ListQuery()).Items)
        {
            if (Meta.Name(other.Json) == Meta.Name(definition) || other.Json.At("spec.group").AsText() != definition.At("spec.group").AsText())
            {
                continue;
            }

            var names = other.Json.Object("status").Object("acceptedNames");
            resources.UnionWith([names.Text("plural") ?? "", names.Text("singular") ?? "", .. names.Array("shortNames").Texts()]);
            kinds.UnionWith([names.Text("kind") ?? "", names.Text("listKind") ?? ""]);
        }

        return (resources, kinds);
    }

    static void Copy(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }

    static bool IsTrue(JsonObject? status, string type) => Condition(status, type).Text("status") == "True";

    static JsonObject? Condition(JsonObject? status, string type) =>
        status.Array("conditions")?.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);

    internal static void Set(JsonObject status, string type, bool holds, string reason, string message, Store store)
    {
        var conditions = status.Array("conditions");
        if (conditions is null)
        {
            status["conditions"] = conditions = [];
        }

        var text = holds ? "True" : "False";
        var condition = Condition(status, type);
        if (condition is null)
        {
            condition = new JsonObject { ["lastTransitionTime"] = store.Now(), ["message"] = message, ["reason"] = reason, ["status"] = text, ["type"] = type };
            conditions.Add((JsonNode)condition);
            return;
        }

        if (condition.Text("status") != text)
        {
            condition["lastTransitionTime"] = store.Now();
        }

        condition["status"] = text;
        condition["reason"] = reason;
        condition["message"] = message;
    }
}
