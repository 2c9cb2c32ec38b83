namespace Slotwise.Reconcilers;

/// <summary>One rule of the operator's role.</summary>
/// <param name="Group">The API group; empty for the core one.</param>
/// <param name="Resource">The resource or subresource.</param>
/// <param name="Verbs">What the operator does with it.</param>
public sealed record AccessRule(string Group, string Resource, IReadOnlyList<string> Verbs);

/// <summary>
/// Exactly the rights that the operator uses. The manifests and the chart grant these and no more, and tests hold the three together.
/// </summary>
public static class OperatorRights
{
    static readonly string[] Read = ["list", "watch"];

    /// <summary>Read before it is written, as an object of that name may belong to somebody else; server-side apply creates with create and patch.</summary>
    static readonly string[] Apply = ["create", "get", "list", "patch", "watch"];

    /// <summary>What a pass reads and writes, by group and resource.</summary>
    public static IReadOnlyList<AccessRule> Reconciling { get; } =
    [
        new("", "configmaps", Apply),

        // They grow, and go with the cluster where the user asked for it; those of removed shards and replicas are deleted then.
        new("", "persistentvolumeclaims", ["delete", "patch", .. Read]),

        // Read afresh before anything is done without votes, which only the proof of an end allows; their zones are those over which masters are spread.
        new("", "nodes", ["get", .. Read]),

        // Deleted to be replaced; patched to let one start empty whose keys are gone.
        new("", "pods", ["delete", "get", "list", "patch", "watch"]),
        new("", "secrets", Apply),
        new("", "services", Apply),
        new("apps", "statefulsets", ["create", "delete", "get", "list", "patch", "watch"]),
        new("events.k8s.io", "events", ["create", "patch"]),
        new("networking.k8s.io", "networkpolicies", Apply),
        new("policy", "poddisruptionbudgets", ["create", "delete", "get", "list", "patch", "watch"]),
        new("redis.slotwise.dev", "redisclusters", Read),

        // Owner references that block the owner's deletion need it where OwnerReferencesPermissionEnforcement is on, as on OpenShift.
        new("redis.slotwise.dev", "redisclusters/finalizers", ["update"]),
        new("redis.slotwise.dev", "redisclusters/status", ["patch"]),
    ];

    /// <summary>What the election of a leader needs, in the operator's own namespace.</summary>
    public static IReadOnlyList<AccessRule> LeaderElection { get; } =
    [
        new("coordination.k8s.io", "leases", ["create", "get", "update"]),
    ];
}
