using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Machine;
using Slotwise.Entities;

namespace Slotwise.EndToEnd.Clusters;

/// <summary>A RedisCluster of a test, and what a user does with one.</summary>
sealed record TestCluster(RunningKubernetes Kubernetes, string Name, string Namespace = RunningKubernetes.Default)
{
    /// <summary>Every kind of object that a cluster becomes, but claims, which outlive it; and where the API has them.</summary>
    static readonly SortedDictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["pods"] = "/api/v1",
        ["services"] = "/api/v1",
        ["configmaps"] = "/api/v1",
        ["secrets"] = "/api/v1",
        ["endpointslices"] = "/apis/discovery.k8s.io/v1",
        ["networkpolicies"] = "/apis/networking.k8s.io/v1",
        ["poddisruptionbudgets"] = "/apis/policy/v1",
        ["statefulsets"] = "/apis/apps/v1",
        ["controllerrevisions"] = "/apis/apps/v1",
    };

    /// <summary>Every pod costs some: starting it, and then asking it every other second how it is.</summary>
    static readonly TimeSpan ForEachPod = TimeSpan.FromSeconds(5);

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What its pods run.</summary>
    public string Image { get; init; } = "redis:7.0";

    public string Selector => $"{RedisClusterLabels.Cluster}={Name}";

    /// <summary>Applies the resource.</summary>
    /// <param name="shards">The number of shards.</param>
    /// <param name="replicas">The number of replicas of each.</param>
    /// <param name="more">Further lines of the spec.</param>
    public Task ApplyAsync(int shards, int replicas, params string[] more) => Kubernetes.ApplyAsync(Manifest(shards, replicas, more));

    public string Manifest(int shards, int replicas, params string[] more) => $"""
        apiVersion: {RedisClusterLabels.Group}/v1beta1
        kind: RedisCluster
        metadata:
          name: {Name}
          namespace: {Namespace}
        spec:
          shards: {shards}
          replicasPerShard: {replicas}
          image: {Image}
        {string.Concat(more.Select(line => $"  {line}\n"))}
        """;

    /// <summary>Waits as a user's script does, and fails with what the conditions say.</summary>
    /// <param name="pods">How many it has, if they are more than a few.</param>
    public async Task WaitUntilReadyAsync(int pods = 0)
    {
        var within = Patience + (ForEachPod * pods);
        var result = await Kubernetes.TryKubectlAsync("", "wait", "--for=condition=Ready", $"rediscluster/{Name}", "-n", Namespace, $"--timeout={within.TotalSeconds:0}s");
        Assert.True(result.ExitCode == 0, $"{result}\nRedisCluster {Namespace}/{Name}: {string.Join("; ", (await ConditionsAsync()).Values)}");
    }

    /// <summary>Changes fields of the spec, as <c>kubectl patch</c> does.</summary>
    /// <param name="spec">JSON, such as <c>"shards": 5</c>.</param>
    public Task ChangeAsync(string spec) =>
        Kubernetes.KubectlAsync("patch", "rediscluster", Name, "-n", Namespace, "--type", "merge", "-p", $"{{\"spec\": {{{spec}}}}}");

    /// <summary>Waits until it is Ready in the shape that was last asked for, and has the pods of that shape and no others.</summary>
    public async Task WaitUntilShapedAsync(int shards, int replicas, TimeSpan within)
    {
        await Eventually.SeenAsync($"{Namespace}/{Name} is Ready with {shards} shards and {replicas} replicas each", within, async () =>
        {
            var cluster = await GetAsync();
            var ready = cluster["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => condition?["type"]?.GetValue<string>() == "Ready");
            var isReady = ready?["status"]?.GetValue<string>() == "True"
                && ready["observedGeneration"]?.GetValue<long>() == cluster["metadata"]!["generation"]!.GetValue<long>();
            var pods = isReady ? (await AddressesAsync()).Count : 0;
            return isReady && pods == shards * (1 + replicas) ? null
                : isReady ? $"Ready with {pods} pods" : string.Join("; ", (await ConditionsAsync()).Values);
        });
    }

    /// <summary>Its conditions by type, each in one line.</summary>
    public async Task<SortedDictionary<string, Condition>> ConditionsAsync()
    {
        var conditions = (await GetAsync())["status"]?["conditions"]?.AsArray() ?? [];
        return new SortedDictionary<string, Condition>(
            conditions.Select(condition => new Condition(Text(condition, "type"), Text(condition, "status"), Text(condition, "reason"), Text(condition, "message")))
                .ToDictionary(condition => condition.Type),
            StringComparer.Ordinal);

        static string Text(JsonNode? condition, string field) => condition?[field]?.GetValue<string>() ?? "";
    }

    public async Task<JsonNode> GetAsync() => await Kubernetes.ReadAsync($"/apis/{RedisClusterLabels.Group}/v1beta1/namespaces/{Namespace}/redisclusters/{Name}");

    /// <summary>The addresses of its pods.</summary>
    public async Task<IReadOnlyList<string>> AddressesAsync() =>
        [.. (await ReadAsync("/api/v1", "pods")).Select(pod => pod["status"]?["podIP"]?.GetValue<string>()).OfType<string>()];

    /// <summary>
    /// Asserts what redis-cli says, and that every server knows exactly the servers of this cluster: no more, no fewer, at their addresses.
    /// </summary>
    public async Task AssertWholeAsync(int shards, int replicas)
    {
        var addresses = await AddressesAsync();
        Assert.Equal(shards * (1 + replicas), addresses.Count);
        foreach (var address in addresses)
        {
            var nodes = await NodesAsync(address);
            Assert.Equal(addresses.Order(StringComparer.Ordinal), nodes.Select(node => node[1][..node[1].LastIndexOf(':')]).Order(StringComparer.Ordinal));
            Assert.Equal(shards, nodes.Count(node => node[2].Split(',').Contains("master")));
            Assert.Contains("cluster_state:ok", await RedisCliAsync(address, "CLUSTER", "INFO"), StringComparison.Ordinal);
        }

        // last, because it would wait minutes for a server that somebody still lists at an address that nobody has
        var check = await Command.RunAsync("redis-cli", ["--cluster", "check", $"{addresses[0]}:6379"]);
        Assert.True(check.ExitCode == 0, check.ToString());
        Assert.Contains("[OK] All nodes agree about slots configuration", check.Output, StringComparison.Ordinal);
        Assert.Contains("[OK] All 16384 slots covered", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("[ERR]", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("[WARNING]", check.Output, StringComparison.Ordinal);
    }

    static async Task<List<string[]>> NodesAsync(string address) =>
        [.. (await RedisCliAsync(address, "CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];

    /// <summary>Asks one server something; the answer must be no error.</summary>
    public static async Task<string> RedisCliAsync(string address, params IEnumerable<string> arguments)
    {
        var result = await Command.RunAsync("redis-cli", ["-e", "-h", address, .. arguments]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    /// <summary>Writes keys <c>key:0</c> to <c>key:COUNT-1</c>, as an application that follows redirections does.</summary>
    public async Task WriteKeysAsync(int count)
    {
        var input = string.Concat(Enumerable.Range(0, count).Select(index => $"SET key:{index} value:{index}\n"));
        var result = await Command.RunAsync("redis-cli", ["-c", "-h", (await AddressesAsync())[0]], input);
        Assert.Equal(count, result.Output.Split('\n').Count(line => line == "OK"));
    }

    /// <summary>What happened to it, a line for each event: reason and message.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync() =>
        (await Kubernetes.KubectlAsync("get", "events", "-n", Namespace, "--field-selector", $"involvedObject.kind=RedisCluster,involvedObject.name={Name}", "-o", "jsonpath={range .items[*]}{.reason}: {.message}{\"\\n\"}{end}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How many keys all masters hold together.</summary>
    public async Task<int> CountKeysAsync()
    {
        var count = 0;
        foreach (var address in await AddressesAsync())
        {
            if ((await RedisCliAsync(address, "ROLE")).StartsWith("master", StringComparison.Ordinal))
            {
                count += int.Parse(await RedisCliAsync(address, "DBSIZE"), System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return count;
    }

    /// <summary>Deletes the resource; what it became ends by itself.</summary>
    public Task DeleteAsync() => Kubernetes.KubectlAsync("delete", "rediscluster", Name, "-n", Namespace);

    /// <summary>Waits until nothing is left but claims.</summary>
    public Task WaitUntilGoneAsync(int pods = 0) => Eventually.SeenAsync($"everything of {Namespace}/{Name} is gone", Patience + (ForEachPod * pods), async () =>
    {
        var left = new List<string>();
        foreach (var (kind, api) in Kinds)
        {
            left.AddRange((await ReadAsync(api, kind)).Select(found => $"{kind}/{NameOf(found)}{WhyLeft(found)}"));
        }

        return left.Count == 0 ? null : string.Join(", ", left);
    });

    /// <summary>The resource, every object that it became and every event about it, each with its version: a line that changes was written.</summary>
    public async Task<string> VersionsAsync()
    {
        const string Columns = "custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion";
        var resource = await Kubernetes.KubectlAsync("get", "rediscluster", Name, "-n", Namespace, "-o", Columns, "--no-headers");
        var objects = await Kubernetes.KubectlAsync("get", $"{string.Join(',', Kinds.Keys)},persistentvolumeclaims", "-n", Namespace, "-l", Selector, "-o", Columns, "--no-headers");
        var events = await Kubernetes.KubectlAsync("get", "events", "-n", Namespace, "--field-selector", $"involvedObject.name={Name}", "-o", Columns, "--no-headers");
        return resource + objects + events;
    }

    /// <summary>Its claims, as <c>kubectl delete</c> takes them.</summary>
    public async Task<IReadOnlyList<string>> ClaimsAsync() =>
        [.. (await ReadAsync("/api/v1", "persistentvolumeclaims")).Select(claim => $"persistentvolumeclaims/{NameOf(claim)}")];

    static string WhyLeft(JsonNode found) =>
        $" (deleted: {found["metadata"]!["deletionTimestamp"]?.ToJsonString() ?? "no"}{(found["status"]?["containerStatuses"]?[0]?["state"] is { } state ? $", container: {state.ToJsonString()}" : "")})";

    static string NameOf(JsonNode found) => found["metadata"]!["name"]!.GetValue<string>();

    async Task<IEnumerable<JsonNode>> ReadAsync(string api, string kind) =>
        (await Kubernetes.ReadAsync($"{api}/namespaces/{Namespace}/{kind}?labelSelector={Uri.EscapeDataString(Selector)}"))["items"]!.AsArray().OfType<JsonNode>();
}

/// <summary>One condition of a cluster.</summary>
sealed record Condition(string Type, string Status, string Reason, string Message)
{
    public override string ToString() => $"{Type}={Status} {Reason}: {Message}";
}
