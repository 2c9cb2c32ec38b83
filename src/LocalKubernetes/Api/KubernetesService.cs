using System.Net;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>The Service <c>kubernetes</c> in <c>default</c>, by which pods find the API server; the server itself keeps it up to date.</summary>
static class KubernetesService
{
    public const string Name = "kubernetes";

    /// <summary>The first address of the Services' network.</summary>
    public const string Address = "10.96.0.1";

    public static void Ensure(Store store, IReadOnlyList<IPAddress> addresses, int port)
    {
        Apply(store, "", "services", new JsonObject
        {
            ["metadata"] = Metadata(new JsonObject { ["component"] = "apiserver", ["provider"] = Name }),
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = Address,
                ["sessionAffinity"] = "None",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["protocol"] = "TCP", ["port"] = 443, ["targetPort"] = port }),
            },
        });
        JsonObject Port() => new() { ["name"] = "https", ["protocol"] = "TCP", ["port"] = port };
        Apply(store, "", "endpoints", new JsonObject
        {
            ["metadata"] = Metadata(new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" }),
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray([.. addresses.Select(address => (JsonNode)new JsonObject { ["ip"] = address.ToString() })]),
                ["ports"] = new JsonArray(Port()),
            }),
        });
        Apply(store, "discovery.k8s.io", "endpointslices", new JsonObject
        {
            ["metadata"] = Metadata(new JsonObject { ["kubernetes.io/service-name"] = Name }),
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray([.. addresses.Select(address => (JsonNode)new JsonObject
            {
                ["addresses"] = new JsonArray(address.ToString()),
                ["conditions"] = new JsonObject { ["ready"] = true },
            })]),
            ["ports"] = new JsonArray(Port()),
        });
    }

    static JsonObject Metadata(JsonObject labels) => new() { ["name"] = Name, ["namespace"] = "default", ["labels"] = labels };

    static void Apply(Store store, string group, string plural, JsonObject wanted)
    {
        var kind = store.Kinds.Find(group, "v1", plural)!;
        var options = new WriteOptions { Manager = "kube-apiserver" };
        try
        {
            store.Create(kind, "default", wanted, options);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            store.Patch(kind, "default", Meta.Name(wanted), PatchType.Merge, wanted, null, options);
        }
    }
}
