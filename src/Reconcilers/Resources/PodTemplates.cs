using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The template of the pods of a shard: one server, under the restricted Pod Security Standard.</summary>
public static class PodTemplates
{
    /// <summary>Directives that no server takes while it runs; start.sh writes them last into its configuration.</summary>
    public const string FixedConfigVariable = "FIXED_CONFIG";

    const string ConfigVolume = "config";
    const string CredentialsVolume = "credentials";
    const string RunVolume = "run";
    const string PodVolume = "pod";
    const string TemporaryVolume = "tmp";

    /// <summary>The user that Debian-based Redis images know as redis; Alpine-based ones run under any number.</summary>
    const long UserId = 999;

    /// <summary>
    /// The template of a shard, with the user's own merged into it. It carries a stamp of what it says, the same for all shards, and so does every pod that is made from it: what
    /// a pod was made from is known from the pod alone, whatever was changed since.
    /// </summary>
    public static V1PodTemplateSpec Build(RedisCluster cluster, int shard, TemplateExtras? extras = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        extras ??= TemplateExtras.None;
        return Wishes.Of(cluster, nameof(Build), string.Create(CultureInfo.InvariantCulture, $"{shard} {Details(extras)}"), () =>
        {
            var stamp = StampFor(cluster, extras);
            var own = BuildOwn(cluster, shard, extras);
            var annotations = new SortedDictionary<string, string>(own.Metadata!.Annotations?.ToDictionary() ?? [], StringComparer.Ordinal) { [ClusterMetadata.TemplateAnnotation] = stamp };
            return Merge(cluster, own with { Metadata = own.Metadata with { Annotations = annotations } });
        });
    }

    static string StampFor(RedisCluster cluster, TemplateExtras extras) => Wishes.Of(
        cluster, nameof(StampFor), Details(extras), () => ContentHash.Of(JsonSerializer.SerializeToNode(Merge(cluster, BuildOwn(cluster, 0, extras)), KubernetesJson.Default.V1PodTemplateSpec)!));

    /// <summary>An empty request is another one than none.</summary>
    static string Details(TemplateExtras extras) => $"{extras.Restart is not null} {extras}";

    /// <summary>The stamp of the template that a pod was made from, or of a template; null where there is none.</summary>
    public static string? StampOf(V1ObjectMeta? metadata) => metadata?.Annotations?.GetValueOrDefault(ClusterMetadata.TemplateAnnotation);

    /// <summary>The container of the server; null in a template that has none.</summary>
    public static V1Container? RedisOf(V1PodTemplateSpec template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return template.Spec?.Containers.FirstOrDefault(container => container.Name == ClusterNames.RedisContainer);
    }

    /// <summary>The same template for another shard. Only the labels of shards differ.</summary>
    public static V1PodTemplateSpec ForShard(V1PodTemplateSpec template, int shard)
    {
        ArgumentNullException.ThrowIfNull(template);
        var whole = JsonSerializer.SerializeToNode(template, KubernetesJson.Default.V1PodTemplateSpec)!;
        Relabel(whole, shard);
        return whole.Deserialize(KubernetesJson.Default.V1PodTemplateSpec)!;
    }

    static void Relabel(JsonNode node, int shard)
    {
        switch (node)
        {
            case JsonObject fields:
                if (fields.ContainsKey(RedisClusterLabels.Shard))
                {
                    fields[RedisClusterLabels.Shard] = shard.ToString(CultureInfo.InvariantCulture);
                }

                foreach (var child in fields.Select(field => field.Value).OfType<JsonNode>().ToList())
                {
                    Relabel(child, shard);
                }

                break;
            case JsonArray items:
                foreach (var child in items.OfType<JsonNode>())
                {
                    Relabel(child, shard);
                }

                break;
        }
    }

    static V1PodTemplateSpec Merge(RedisCluster cluster, V1PodTemplateSpec own) => cluster.Spec.PodTemplate is { ValueKind: JsonValueKind.Object } theirs
        ? PodTemplateMerge.Merge(JsonSerializer.SerializeToNode(own, KubernetesJson.Default.V1PodTemplateSpec)!.AsObject(), JsonObject.Create(theirs)!).Deserialize(KubernetesJson.Default.V1PodTemplateSpec)!
        : own;

    static V1PodTemplateSpec BuildOwn(RedisCluster cluster, int shard, TemplateExtras extras)
    {
        var spec = cluster.Spec;
        return new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta
            {
                Labels = ClusterMetadata.Labels(cluster, shard),
                Annotations = extras.Restart is { } restart
                    ? new SortedDictionary<string, string>(StringComparer.Ordinal) { [RedisClusterAnnotations.Restart] = restart }
                    : null,
            },
            Spec = new V1PodSpec
            {
                // The pods ask nothing of the API server, so they get no token for it.
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                TerminationGracePeriodSeconds = spec.TerminationGracePeriodSeconds,
                ImagePullSecrets = spec.ImagePullSecrets.Count == 0
                    ? null
                    : [.. spec.ImagePullSecrets.Select(secret => new V1LocalObjectReference { Name = secret.Name })],
                SecurityContext = new V1PodSecurityContext
                {
                    RunAsNonRoot = true,
                    RunAsUser = UserId,
                    RunAsGroup = UserId,
                    FsGroup = UserId,
                    FsGroupChangePolicy = "OnRootMismatch",
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                },
                NodeSelector = spec.Scheduling.NodeSelector,
                Tolerations = spec.Scheduling.Tolerations,
                TopologySpreadConstraints = spec.Scheduling.TopologySpreadConstraints,
                PriorityClassName = spec.Scheduling.PriorityClassName,
                Affinity = Placement.BuildAffinity(cluster, shard),
                Containers = [BuildRedis(cluster, extras)],
                Volumes = BuildVolumes(cluster),
            },
        };
    }

    static V1Container BuildRedis(RedisCluster cluster, TemplateExtras extras)
    {
        var spec = cluster.Spec;
        return new V1Container
        {
            Name = ClusterNames.RedisContainer,
            Image = spec.Image,
            ImagePullPolicy = spec.ImagePullPolicy?.ToString(),
            Command = ["/bin/sh", $"{RedisConfig.ConfigDirectory}/{ConfigMaps.StartScript}"],
            Env = BuildEnvironment(cluster, extras),
            Ports =
            [
                new V1ContainerPort { Name = "redis", ContainerPort = ClusterPorts.Data, Protocol = "TCP" },
                new V1ContainerPort { Name = "bus", ContainerPort = ClusterPorts.Bus(NamespacedName.Of(cluster)), Protocol = "TCP" },
            ],

            // What the server said before it ended then stands in the pod's status, and from there in the cluster's conditions.
            TerminationMessagePolicy = "FallbackToLogsOnError",
            Resources = spec.Resources.Limits is null && spec.Resources.Requests is null ? null : spec.Resources,
            SecurityContext = new V1SecurityContext
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new V1Capabilities { Drop = ["ALL"] },
            },
            VolumeMounts =
            [
                new V1VolumeMount { Name = ClusterNames.DataVolume, MountPath = RedisConfig.DataDirectory },
                new V1VolumeMount { Name = ConfigVolume, MountPath = RedisConfig.ConfigDirectory, ReadOnly = true },
                new V1VolumeMount { Name = CredentialsVolume, MountPath = RedisConfig.CredentialsDirectory, ReadOnly = true },
                new V1VolumeMount { Name = RunVolume, MountPath = RedisConfig.RunDirectory },
                new V1VolumeMount { Name = PodVolume, MountPath = RedisConfig.PodDirectory, ReadOnly = true },
                new V1VolumeMount { Name = TemporaryVolume, MountPath = "/tmp" },
            ],

            // A master hands over first, whoever deletes the pod.
            Lifecycle = new V1Lifecycle
            {
                PreStop = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["/bin/sh", $"{RedisConfig.ConfigDirectory}/{ConfigMaps.StopScript}"] } },
            },

            // A day: reading a large dataset answers LOADING, which passes; only a server that has not bound its port yet is waited for.
            StartupProbe = Probe("startup", periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 86400),
            ReadinessProbe = Probe("readiness", periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 2),

            // 60 s without any answer.
            LivenessProbe = Probe("liveness", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6),
        };
    }

    static V1Probe Probe(string question, int periodSeconds, int timeoutSeconds, int failureThreshold) => new()
    {
        Exec = new V1ExecAction { Command = ["/bin/sh", $"{RedisConfig.ConfigDirectory}/{ConfigMaps.ProbeScript}", question] },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = timeoutSeconds,
        FailureThreshold = failureThreshold,
    };

    static V1EnvVar[] BuildEnvironment(RedisCluster cluster, TemplateExtras extras)
    {
        var key = NamespacedName.Of(cluster);
        return
        [
            FromField("POD_NAME", "metadata.name"),
            FromField("POD_UID", "metadata.uid"),
            FromField("POD_IP", "status.podIP"),
            new V1EnvVar { Name = "CLUSTER_UID", Value = cluster.Metadata.Uid },
            new V1EnvVar { Name = "STABLE_HOST", Value = ClusterNames.StableHost(key, "$(POD_NAME)") },
            .. extras.FixedConfig.Length == 0
                ? (V1EnvVar[])[]

                // $(NAME) would be replaced by the kubelet.
                : [new V1EnvVar { Name = FixedConfigVariable, Value = extras.FixedConfig.Replace("$(", "$$(", StringComparison.Ordinal) }],
        ];
    }

    static V1EnvVar FromField(string name, string path) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } },
    };

    static List<V1Volume> BuildVolumes(RedisCluster cluster)
    {
        var name = cluster.Metadata.Name!;
        var volumes = new List<V1Volume>
        {
            new() { Name = ConfigVolume, ConfigMap = new V1ConfigMapVolumeSource { Name = ClusterNames.ConfigMap(name) } },
            new()
            {
                Name = CredentialsVolume,

                // Readable by the server's group alone.
                Secret = new V1SecretVolumeSource { SecretName = ClusterNames.CredentialsSecret(name), DefaultMode = 288 },
            },
            new() { Name = RunVolume, EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = "1Mi" } },
            new()
            {
                Name = PodVolume,

                // Followed while the container runs, so a server that waits at its gate can be told that it need not.
                DownwardAPI = new V1DownwardAPIVolumeSource
                {
                    Items = [new V1DownwardAPIVolumeFile { Path = "start-empty", FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.annotations['{ClusterMetadata.StartEmptyAnnotation}']" } }],
                },
            },
            new() { Name = TemporaryVolume, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = "64Mi" } },
        };
        if (cluster.Spec.Storage is null)
        {
            volumes.Add(new V1Volume { Name = ClusterNames.DataVolume, EmptyDir = new V1EmptyDirVolumeSource() });
        }

        return volumes;
    }
}
