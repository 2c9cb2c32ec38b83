namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>The kinds that are served without a CustomResourceDefinition.</summary>
public static class BuiltInKinds
{
    static readonly ReadTypes Types = new(TypeFiles());

    static readonly string[] EventFields =
        ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
         "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"];

    static readonly ResourceKind CoreEvent = Of("", "v1", "Event", "events") with { ShortNames = ["ev"], SelectableFields = EventFields, ShownWhenNull = ["firstTimestamp", "lastTimestamp"] };

    /// <summary>The schema of <c>metadata</c>, also of custom kinds.</summary>
    public static Schema Metadata { get; } = Types.Type("ObjectMeta");

    /// <summary>The type of a request body that is no kind of its own, such as <c>Eviction</c>; null when there is none of that name.</summary>
    public static Schema? Body(string kind) => kind is "Eviction" or "DeleteOptions" or "TokenRequest" ? Types.Type(kind) : null;

    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        Of("", "v1", "Namespace", "namespaces", namespaced: false) with { ShortNames = ["ns"], HasStatus = true, AnswersWithDeleted = true, SelectableFields = ["status.phase"], Rules = new NamespaceRules(), Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"] },
        Of("", "v1", "Node", "nodes", namespaced: false) with { ShortNames = ["no"], HasStatus = true, SelectableFields = ["spec.unschedulable"] },
        Of("", "v1", "Pod", "pods") with
        {
            ShortNames = ["po"],
            AnswersWithDeleted = true,
            Categories = ["all"],
            HasStatus = true,
            SelectableFields = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
            Rules = new PodRules(),
        },
        Of("", "v1", "Service", "services") with { ShortNames = ["svc"], Categories = ["all"], HasStatus = true, AnswersWithDeleted = true, SelectableFields = ["spec.clusterIP", "spec.type"], Rules = new ServiceRules() },
        Of("", "v1", "Endpoints", "endpoints") with { ShortNames = ["ep"] },
        Of("", "v1", "ConfigMap", "configmaps") with { ShortNames = ["cm"], Rules = new ConfigRules() },
        Of("", "v1", "Secret", "secrets") with { SelectableFields = ["type"], Rules = new ConfigRules() },
        Of("", "v1", "ServiceAccount", "serviceaccounts") with { ShortNames = ["sa"], AnswersWithDeleted = true },
        Of("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims") with { ShortNames = ["pvc"], HasStatus = true, AnswersWithDeleted = true, Rules = new ClaimRules() },
        Of("", "v1", "PersistentVolume", "persistentvolumes", namespaced: false) with { ShortNames = ["pv"], HasStatus = true, AnswersWithDeleted = true, Rules = new VolumeRules() },
        CoreEvent,
        Of("apps", "v1", "StatefulSet", "statefulsets") with
        {
            ShortNames = ["sts"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            Scale = new ScalePaths(".spec.replicas", ".status.replicas", null),
            Rules = new StatefulSetRules(),
        },
        Of("apps", "v1", "ControllerRevision", "controllerrevisions"),
        Of("apps", "v1", "Deployment", "deployments") with
        {
            ShortNames = ["deploy"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            Scale = new ScalePaths(".spec.replicas", ".status.replicas", null),
            Rules = new DeploymentRules(),
        },
        Of("apps", "v1", "ReplicaSet", "replicasets") with
        {
            ShortNames = ["rs"],
            Categories = ["all"],
            HasStatus = true,
            HasGeneration = true,
            SelectableFields = ["status.replicas"],
            Scale = new ScalePaths(".spec.replicas", ".status.replicas", null),
            Rules = new ReplicaSetRules(),
        },
        Of("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets") with { ShortNames = ["pdb"], HasStatus = true, HasGeneration = true, Rules = new BudgetRules() },
        Of("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies") with { ShortNames = ["netpol"], HasGeneration = true, Rules = new NetworkPolicyRules() },
        Of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices") with { HasGeneration = true },
        Of("events.k8s.io", "v1", "Event", "events", type: "EventsEvent") with
        {
            ShortNames = ["ev"],
            StoredAs = CoreEvent,
            ShownWhenNull = ["deprecatedFirstTimestamp", "deprecatedLastTimestamp"],
            SelectableFields = [.. EventFields.Select(field => field.Replace("involvedObject", "regarding", StringComparison.Ordinal).Replace("reportingComponent", "reportingController", StringComparison.Ordinal))],
            FieldNames = new Dictionary<string, string>
            {
                ["involvedObject"] = "regarding",
                ["message"] = "note",
                ["reportingComponent"] = "reportingController",
                ["source"] = "deprecatedSource",
                ["firstTimestamp"] = "deprecatedFirstTimestamp",
                ["lastTimestamp"] = "deprecatedLastTimestamp",
                ["count"] = "deprecatedCount",
            },
        },
        Of("coordination.k8s.io", "v1", "Lease", "leases"),
        Of("storage.k8s.io", "v1", "StorageClass", "storageclasses", namespaced: false) with { ShortNames = ["sc"] },
        Of("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", namespaced: false) with { ShortNames = ["pc"] },
        Of("rbac.authorization.k8s.io", "v1", "Role", "roles") with { ShownWhenNull = ["rules"], Rules = new RoleRules(namespaced: true) },
        Of("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings") with { Rules = new RoleBindingRules(namespaced: true) },
        Of("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced: false) with { ShownWhenNull = ["rules"], Rules = new RoleRules(namespaced: false) },
        Of("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced: false) with { Rules = new RoleBindingRules(namespaced: false) },
        Question("authentication.k8s.io", "TokenReview", "tokenreviews"),
        Question("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
        Question("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews"),
        Question("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", namespaced: true),
        Question("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
        Question("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
        Of("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced: false) with
        {
            ShortNames = ["crd", "crds"],
            Categories = ["api-extensions"],
            HasStatus = true,
            HasGeneration = true,
            Rules = new DefinitionRules(),
        },
    ];

    static ResourceKind Of(string group, string version, string kind, string plural, bool namespaced = true, string? type = null) => new()
    {
        Kind = new KubernetesKind(group, version, kind, plural, namespaced),
        Singular = kind.ToLowerInvariant(),
        Schema = Types.Type(type ?? kind),
    };

    static ResourceKind Question(string group, string kind, string plural, bool namespaced = false) => Of(group, "v1", kind, plural, namespaced) with { Verbs = ["create"] };

    static IEnumerable<string> TypeFiles()
    {
        var assembly = typeof(BuiltInKinds).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".types", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }
}
