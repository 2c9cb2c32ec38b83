using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>The columns that <c>kubectl get</c> shows of built-in kinds, see Kubernetes' <c>pkg/printers/internalversion</c>.</summary>
public static class BuiltInColumns
{
    static readonly TableColumn Age = Text("Age", (obj, now) => HumanDuration.Since(obj.At("metadata.creationTimestamp").AsText(), now));

    static readonly TableColumn[] Events =
    [
        Text("Last Seen", (obj, now) => HumanDuration.Since(Either(obj, "lastTimestamp", "series.lastObservedTime", "deprecatedLastTimestamp", "firstTimestamp", "deprecatedFirstTimestamp", "eventTime", "metadata.creationTimestamp"), now)),
        Text("Type", (obj, _) => Either(obj, "type")),
        Text("Reason", (obj, _) => Either(obj, "reason")),
        Text("Object", (obj, _) => Reference(obj.Object("involvedObject") ?? obj.Object("regarding"))),
        Text("Subobject", (obj, _) => Either(obj, "involvedObject.fieldPath", "regarding.fieldPath"), 1),
        Text("Source", (obj, _) => Either(obj, "source.component", "reportingComponent", "reportingController", "deprecatedSource.component"), 1),
        Text("Message", (obj, _) => Either(obj, "message", "note").Trim()),
        Text("First Seen", (obj, now) => HumanDuration.Since(Either(obj, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime", "metadata.creationTimestamp"), now), 1),
        Text("Count", (obj, _) => Number(obj, "series.count", "count", "deprecatedCount") is 0 ? "1" : Number(obj, "series.count", "count", "deprecatedCount").ToString(CultureInfo.InvariantCulture), 1),
        Text("Name", (obj, _) => Meta.Name(obj), 1),
    ];

    static readonly Dictionary<string, TableColumn[]> ByKind = new()
    {
        ["pods"] = PodColumns.All,
        ["events"] = Events,
        ["events.events.k8s.io"] = Events,
        ["namespaces"] = [Path("Status", ".status.phase"), Age],
        ["nodes"] =
        [
            Text("Status", (obj, _) => NodeStatus(obj)),
            Text("Roles", (obj, _) => Roles(obj)),
            Age,
            Path("Version", ".status.nodeInfo.kubeletVersion"),
            Text("Internal-IP", (obj, _) => Address(obj, "InternalIP"), 1),
            Text("External-IP", (obj, _) => Address(obj, "ExternalIP"), 1),
            Path("OS-Image", ".status.nodeInfo.osImage", 1),
            Path("Kernel-Version", ".status.nodeInfo.kernelVersion", 1),
            Path("Container-Runtime", ".status.nodeInfo.containerRuntimeVersion", 1),
        ],
        ["services"] =
        [
            Path("Type", ".spec.type"),
            Path("Cluster-IP", ".spec.clusterIP", empty: "<none>"),
            Text("External-IP", (obj, _) => Joined(obj.Object("spec").Array("externalIPs"))),
            Text("Port(s)", (obj, _) => Ports(obj)),
            Age,
            Text("Selector", (obj, _) => Map(obj.Object("spec").Object("selector")), 1),
        ],
        ["endpoints"] = [Text("Endpoints", (obj, _) => Endpoints(obj)), Age],
        ["endpointslices.discovery.k8s.io"] =
        [
            Path("AddressType", ".addressType"),
            Text("Ports", (obj, _) => Joined(obj.Array("ports"), port => port.At("port")?.ToJsonString())),
            Text("Endpoints", (obj, _) => Joined(obj.Array("endpoints"), endpoint => endpoint.Array("addresses").Texts().FirstOrDefault(), 3)),
            Age,
        ],
        ["configmaps"] = [Count("Data", obj => (obj.Object("data")?.Count ?? 0) + (obj.Object("binaryData")?.Count ?? 0)), Age],
        ["secrets"] = [Path("Type", ".type"), Count("Data", obj => obj.Object("data")?.Count ?? 0), Age],
        ["serviceaccounts"] = [Count("Secrets", obj => obj.Array("secrets")?.Count ?? 0), Age],
        ["persistentvolumeclaims"] =
        [
            Text("Status", (obj, _) => Meta.IsDeleting(obj) ? "Terminating" : obj.At("status.phase").AsText()),
            Path("Volume", ".spec.volumeName"),
            Path("Capacity", ".status.capacity.storage"),
            Text("Access Modes", (obj, _) => AccessModes(obj.Object("status").Array("accessModes") ?? obj.Object("spec").Array("accessModes"))),
            Path("StorageClass", ".spec.storageClassName"),
            Text("VolumeAttributesClass", (obj, _) => obj.At("spec.volumeAttributesClassName").AsText() ?? "<unset>"),
            Age,
            Path("VolumeMode", ".spec.volumeMode", 1),
        ],
        ["persistentvolumes"] =
        [
            Path("Capacity", ".spec.capacity.storage"),
            Text("Access Modes", (obj, _) => AccessModes(obj.Object("spec").Array("accessModes"))),
            Path("Reclaim Policy", ".spec.persistentVolumeReclaimPolicy"),
            Text("Status", (obj, _) => Meta.IsDeleting(obj) ? "Terminating" : obj.At("status.phase").AsText()),
            Text("Claim", (obj, _) => obj.Object("spec").Object("claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
            Path("StorageClass", ".spec.storageClassName"),
            Age,
        ],
        ["statefulsets.apps"] =
        [
            Text("Ready", (obj, _) => $"{Number(obj, "status.readyReplicas")}/{Number(obj, "spec.replicas")}"),
            Age,
            Text("Containers", (obj, _) => Joined(Containers(obj), container => container.Text("name")), 1),
            Text("Images", (obj, _) => Joined(Containers(obj), container => container.Text("image")), 1),
        ],
        ["deployments.apps"] =
        [
            Text("Ready", (obj, _) => $"{Number(obj, "status.readyReplicas")}/{Number(obj, "spec.replicas")}"),
            Count("Up-to-date", obj => Number(obj, "status.updatedReplicas")),
            Count("Available", obj => Number(obj, "status.availableReplicas")),
            Age,
            Text("Containers", (obj, _) => Joined(Containers(obj), container => container.Text("name")), 1),
            Text("Images", (obj, _) => Joined(Containers(obj), container => container.Text("image")), 1),
            Text("Selector", (obj, _) => Map(obj.Object("spec").Object("selector").Object("matchLabels")), 1),
        ],
        ["replicasets.apps"] =
        [
            Count("Desired", obj => Number(obj, "spec.replicas")),
            Count("Current", obj => Number(obj, "status.replicas")),
            Count("Ready", obj => Number(obj, "status.readyReplicas")),
            Age,
            Text("Containers", (obj, _) => Joined(Containers(obj), container => container.Text("name")), 1),
            Text("Images", (obj, _) => Joined(Containers(obj), container => container.Text("image")), 1),
            Text("Selector", (obj, _) => Map(obj.Object("spec").Object("selector").Object("matchLabels")), 1),
        ],
        ["controllerrevisions.apps"] =
        [
            Text("Controller", (obj, _) => (obj.Object("metadata").Array("ownerReferences") ?? []).OfType<JsonObject>().Where(owner => owner.Flag("controller") == true)
                .Select(owner => $"{owner.Text("kind")?.ToLowerInvariant()}.{owner.Text("apiVersion")?.Split('/')[0]}/{owner.Text("name")}").FirstOrDefault() ?? "<none>"),
            Count("Revision", obj => obj.Number("revision") ?? 0),
            Age,
        ],
        ["poddisruptionbudgets.policy"] =
        [
            Text("Min Available", (obj, _) => Bound(obj.At("spec.minAvailable"))),
            Text("Max Unavailable", (obj, _) => Bound(obj.At("spec.maxUnavailable"))),
            Count("Allowed Disruptions", obj => Number(obj, "status.disruptionsAllowed")),
            Age,
        ],
        ["networkpolicies.networking.k8s.io"] = [Text("Pod-Selector", (obj, _) => Map(obj.Object("spec").Object("podSelector").Object("matchLabels"))), Age],
        ["leases.coordination.k8s.io"] = [Path("Holder", ".spec.holderIdentity"), Age],
        ["storageclasses.storage.k8s.io"] =
        [
            Path("Provisioner", ".provisioner"), Path("ReclaimPolicy", ".reclaimPolicy"), Path("VolumeBindingMode", ".volumeBindingMode"),
            Text("AllowVolumeExpansion", (obj, _) => obj.Flag("allowVolumeExpansion") == true ? "true" : "false"), Age,
        ],
        ["priorityclasses.scheduling.k8s.io"] =
        [
            Count("Value", obj => obj.Number("value") ?? 0), Text("Global-Default", (obj, _) => obj.Flag("globalDefault") == true ? "true" : "false"), Age,
            Path("PreemptionPolicy", ".preemptionPolicy"),
        ],
        ["roles.rbac.authorization.k8s.io"] = [Path("Created At", ".metadata.creationTimestamp")],
        ["clusterroles.rbac.authorization.k8s.io"] = [Path("Created At", ".metadata.creationTimestamp")],
        ["rolebindings.rbac.authorization.k8s.io"] = [Text("Role", (obj, _) => $"{obj.At("roleRef.kind")}/{obj.At("roleRef.name")}"), Age],
        ["clusterrolebindings.rbac.authorization.k8s.io"] = [Text("Role", (obj, _) => $"{obj.At("roleRef.kind")}/{obj.At("roleRef.name")}"), Age],
        ["customresourcedefinitions.apiextensions.k8s.io"] = [Path("Created At", ".metadata.creationTimestamp")],
    };

    public static IEnumerable<TableColumn> Of(ResourceKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return ByKind.GetValueOrDefault(kind.GroupResource, [Age]);
    }

    static TableColumn Text(string name, Func<JsonObject, DateTimeOffset, string?> cell, int priority = 0) =>
        new(name, "string", (obj, now) => cell(obj, now), priority);

    static TableColumn Count(string name, Func<JsonObject, long> cell) => new(name, "integer", (obj, _) => cell(obj));

    static TableColumn Path(string name, string path, int priority = 0, string empty = "") =>
        Text(name, (obj, _) => obj.At(path).AsText() is { Length: > 0 } text ? text : empty, priority);

    static string Either(JsonObject obj, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (obj.At(path).AsText() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return "";
    }

    static long Number(JsonObject obj, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (obj.At(path).AsNumber() is { } number)
            {
                return number;
            }
        }

        return 0;
    }

    static JsonArray? Containers(JsonObject obj) => obj.Object("spec").Object("template").Object("spec").Array("containers");

    static string Reference(JsonObject? reference) => $"{reference.Text("kind")?.ToLowerInvariant()}/{reference.Text("name")}";

    static string Bound(JsonNode? bound) => bound is null ? "N/A" : bound.AsText() ?? bound.ToJsonString();

    static string Map(JsonObject? map) => map is { Count: > 0 } ? string.Join(",", map.Select(pair => $"{pair.Key}={pair.Value}")) : "<none>";

    static string Joined(JsonArray? array) => array is { Count: > 0 } ? string.Join(",", array.Texts()) : "<none>";

    static string Joined(JsonArray? array, Func<JsonObject, string?> show, int maximum = int.MaxValue)
    {
        var texts = (array ?? []).OfType<JsonObject>().Select(show).OfType<string>().ToList();
        return texts.Count switch
        {
            0 => "<none>",
            _ when texts.Count > maximum => $"{string.Join(",", texts.Take(maximum))} + {texts.Count - maximum} more...",
            _ => string.Join(",", texts),
        };
    }

    static string AccessModes(JsonArray? modes) => string.Join(",", modes.Texts().Select(mode => mode switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => mode,
    }));

    static string Ports(JsonObject service)
    {
        var ports = (service.Object("spec").Array("ports") ?? []).OfType<JsonObject>().Select(port =>
            port.Number("nodePort") is { } node and > 0 ? $"{port.Number("port")}:{node}/{port.Text("protocol")}" : $"{port.Number("port")}/{port.Text("protocol")}");
        var text = string.Join(",", ports);
        return text.Length == 0 ? "<none>" : text;
    }

    static string Endpoints(JsonObject endpoints)
    {
        var addresses = (endpoints.Array("subsets") ?? []).OfType<JsonObject>().SelectMany(subset => (subset.Array("addresses") ?? []).OfType<JsonObject>()
            .SelectMany(address => (subset.Array("ports") is { Count: > 0 } ports ? ports.OfType<JsonObject>().Select(port => $"{address.Text("ip")}:{port.Number("port")}") : [address.Text("ip") ?? ""])))
            .ToList();
        return addresses.Count switch
        {
            0 => "<none>",
            > 3 => $"{string.Join(",", addresses.Take(3))} + {addresses.Count - 3} more...",
            _ => string.Join(",", addresses),
        };
    }

    static string NodeStatus(JsonObject node)
    {
        var ready = (node.Object("status").Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == "Ready");
        var status = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return node.Object("spec").Flag("unschedulable") == true ? $"{status},SchedulingDisabled" : status;
    }

    static string Roles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = (node.Object("metadata").Object("labels") ?? []).Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(label => label.Key[Prefix.Length..]).ToList();
        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    static string Address(JsonObject node, string type) =>
        (node.Object("status").Array("addresses") ?? []).OfType<JsonObject>().FirstOrDefault(address => address.Text("type") == type).Text("address") ?? "<none>";
}
