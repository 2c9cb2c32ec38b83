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

        obj["status"] ??= new JsonObject { ["loadBalancer"] = new JsonObject() };
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        spec["internalTrafficPolicy"] ??= "Cluster";
        KeepAddress(spec, before.Object("spec"));
        if (spec.Text("clusterIP") is null or "")
        {
            spec["clusterIP"] = store.ServiceAddresses.Take(store.UsedServiceAddresses());
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
            yield return FieldError.Invalid("spec.clusterIPs[0]", spec["clusterIPs"]?.DeepClone(), "may not change once set");
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
