using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;
using Slotwise.Operator.CommandLine;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Operator.Status;

/// <summary>Reads what <c>slotwise status</c> shows: the resource, its pods and, where they can be reached, the Redis nodes in them.</summary>
sealed class ClusterReader : IAsyncDisposable
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    readonly KubernetesClient _kubernetes;
    readonly NamespacedName _name;
    readonly RedisConnectionPool _redis = new();
    RedisCredentials? _credentials;

    ClusterReader(KubernetesClient kubernetes, NamespacedName name)
    {
        _kubernetes = kubernetes;
        _name = name;
    }

    /// <summary>Makes a reader of one cluster; asks nobody yet.</summary>
    public static ClusterReader Open(KubernetesConfiguration configuration, string name, string? ns) =>
        new(new KubernetesClient(configuration, TimeProvider.System), new NamespacedName(ns ?? configuration.Namespace, name));

    /// <summary>Looks once.</summary>
    /// <exception cref="UserErrorException">There is no such cluster.</exception>
    public async Task<ClusterPicture> ReadAsync(CancellationToken cancellationToken)
    {
        var resource = await ReadResourceAsync(cancellationToken);
        var pods = await _kubernetes.ListAsync<V1Pod>(
            _name.Namespace,
            new ListOptions { LabelSelector = $"{RedisClusterLabels.Cluster}={_name.Name}", Limit = null },
            cancellationToken);
        if (pods.Items.Count > 0)
        {
            _credentials ??= await TryReadCredentialsAsync(cancellationToken);
        }

        var pictures = await Task.WhenAll(pods.Items.Select(pod => ReadPodAsync(pod, cancellationToken)));
        return new ClusterPicture(resource, [.. pictures.OrderBy(pod => pod.Shard).ThenBy(pod => pod.Name.Length).ThenBy(pod => pod.Name, StringComparer.Ordinal)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _kubernetes.Dispose();
    }

    async Task<RedisCluster> ReadResourceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _kubernetes.GetAsync<RedisCluster>(_name.Namespace, _name.Name, cancellationToken);
        }
        catch (KubernetesApiException error) when (ErrorText.IsKindUnknown(error))
        {
            throw new UserErrorException(ErrorText.NotInstalled, error);
        }
        catch (KubernetesApiException error) when (error.IsNotFound)
        {
            throw new UserErrorException(
                $"there is no RedisCluster {_name.Name} in namespace {_name.Namespace} (kubectl get rediscluster --all-namespaces lists those there are)",
                error);
        }
    }

    async Task<PodPicture> ReadPodAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var name = pod.Metadata.Name ?? "";
        var shard = int.TryParse(pod.Metadata.Labels?.GetValueOrDefault(RedisClusterLabels.Shard), CultureInfo.InvariantCulture, out var index) ? index : -1;
        var isReady = pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false;
        RedisEndpoint? endpoint = string.IsNullOrEmpty(pod.Status?.PodIP) ? null : new RedisEndpoint(pod.Status.PodIP, ClusterPorts.Data);
        var node = endpoint is { } address ? await TryAskAsync(address, pod.Metadata.Uid ?? "", cancellationToken) : null;
        return new PodPicture(name, shard, isReady, Trouble(pod), node) { Endpoint = endpoint };
    }

    async Task<NodePicture?> TryAskAsync(RedisEndpoint endpoint, string uid, CancellationToken cancellationToken)
    {
        var node = _redis.Get(endpoint, uid, _credentials);
        var info = ServerCommands.Info("replication", "memory", "keyspace");
        try
        {
            var replies = await node.ExecuteAsync([ClusterCommands.Nodes, info], AnswerWithin, cancellationToken);
            return Describe(ClusterCommands.Nodes.Read(replies[0]), info.Read(replies[1]));
        }
        catch (RedisAuthenticationException)
        {
            // The cluster was made anew meanwhile, with new passwords.
            _credentials = null;
            return null;
        }
        catch (RedisException)
        {
            // Not up yet, gone already, or not reachable from this machine: all of it is shown as "no answer".
            return null;
        }
    }

    /// <summary>Null for whoever may not read the Secret: then the nodes are asked as anybody.</summary>
    async Task<RedisCredentials?> TryReadCredentialsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Credentials.ForOperator(await _kubernetes.GetAsync<V1Secret>(_name.Namespace, ClusterNames.CredentialsSecret(_name.Name), cancellationToken));
        }
        catch (KubernetesApiException error) when (error.IsForbidden || error.IsNotFound)
        {
            return null;
        }
    }

    static NodePicture? Describe(ClusterNodesTable nodes, RedisInfo info) => nodes.Myself is not { } myself
        ? null
        : new NodePicture
        {
            Id = myself.Id,
            IsMaster = myself.IsMaster,
            MasterId = myself.MasterId,
            Slots = myself.Slots,
            IsLinkUp = info.IsMasterLinkUp,
            KnownNodes = nodes.Nodes.Count(node => !node.IsInHandshake),
            Keys = info.KeysByDatabase.GetValueOrDefault(0),
            UsedMemory = info.UsedMemory,
        };

    static string? Trouble(V1Pod pod)
    {
        foreach (var container in pod.Status?.ContainerStatuses ?? [])
        {
            // The first waits are how every pod begins.
            if (container.State?.Waiting is { Reason: { } reason } waiting && reason is not ("ContainerCreating" or "PodInitializing"))
            {
                return string.IsNullOrEmpty(waiting.Message) ? reason : $"{reason}: {waiting.Message}";
            }
        }

        return pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } unscheduled
            ? $"{unscheduled.Reason}: {unscheduled.Message}"
            : null;
    }
}
