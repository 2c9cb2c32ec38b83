namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>Addresses, target ports and families of a Service.</summary>
sealed class ServiceRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        foreach (var port in (spec.Array("ports") ?? []).OfType<JsonObject>())
        {
            port["targetPort"] ??= port["port"]?.DeepClone();
        }

        if (spec.Text("type") != "ExternalName")
        {
            spec["internalTrafficPolicy"] ??= "Cluster";
            KeepAddress(spec, before.Object("spec"));
        }
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        obj["status"] ??= new JsonObject { ["loadBalancer"] = new JsonObject() };
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        if (spec.Text("clusterIP") is null or "")
        {
            spec["clusterIP"] = store.ServiceAddresses.Take(store.UsedServiceAddresses());
        }
        else if (before is null && spec.Text("clusterIP") is { } wanted and not "None" && store.ServiceAddresses.Refusal(wanted, store.UsedServiceAddresses()) is { } why)
        {
            throw ApiError.Invalid(store.Kinds.BuiltIn("services"), Meta.Name(obj), [FieldError.Invalid("spec.clusterIPs", new JsonArray(wanted), $"failed to allocate IP {wanted}: {why}")]);
        }

        spec["clusterIPs"] ??= new JsonArray(spec.Text("clusterIP"));
        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            spec["externalTrafficPolicy"] ??= "Cluster";
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Ensure("spec");
        var ports = (spec.Array("ports") ?? []).OfType<JsonObject>().ToList();
        if (ports.Count == 0 && spec.Text("clusterIP") != "None" && spec.Text("type") != "ExternalName")
        {
            yield return FieldError.Required("spec.ports");
        }

        for (var i = 0; i < ports.Count && ports.Count > 1; i++)
        {
            if (string.IsNullOrEmpty(ports[i].Text("name")))
            {
                yield return FieldError.Required($"spec.ports[{i}].name");
            }
        }

        if (before.Object("spec").Text("clusterIP") is { Length: > 0 } old && old != spec.Text("clusterIP"))
        {
            yield return FieldError.Invalid("spec.clusterIPs[0]", new JsonArray(spec["clusterIP"]?.DeepClone()), "may not change once set");
        }
    }

    // A replacement that does not name the address means the one it has.
    static void KeepAddress(JsonObject spec, JsonObject? before)
    {
        foreach (var name in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[name] is null && before?[name] is { } kept)
            {
                spec[name] = kept.DeepClone();
            }
        }
    }
}

/// <summary>The range that Services get their addresses from.</summary>
sealed class ServiceAddresses(string network)
{
    /// <summary>Why an address cannot be had; null when it can.</summary>
    public string? Refusal(string address, IReadOnlySet<string> used) =>
        !address.StartsWith(network + ".", StringComparison.Ordinal) ? "the provided network does not match the current range"
        : used.Contains(address) ? "provided IP is already allocated" : null;

    /// <summary>The first free address of <c>A.B.0.0/16</c>, beginning with <c>A.B.0.10</c>: the ones before are reserved for the cluster itself.</summary>
    public string Take(IReadOnlySet<string> used)
    {
        for (var i = 10; i < 65535; i++)
        {
            var address = $"{network}.{i / 256}.{i % 256}";
            if (!used.Contains(address))
            {
                return address;
            }
        }

        throw ApiError.Of(System.Net.HttpStatusCode.InternalServerError, "InternalError", "range is full: no address is left for a Service", null);
    }
}
