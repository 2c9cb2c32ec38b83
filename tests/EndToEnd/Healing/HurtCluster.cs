using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;
using Slotwise.Redis;
using Xunit.Sdk;

namespace Slotwise.EndToEnd.Healing;

/// <summary>A cluster with three shards of two servers, full of keys, which is hurt and has to come out whole with every one of them.</summary>
sealed class HurtCluster(TestCluster cluster)
{
    const int Plain = 500;
    const int OfATag = 10;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Each tag has ten keys, so that its slot can be moved in part. Their slots are far from each other.</summary>
    static readonly IReadOnlyList<string> Tags = [.. Enumerable.Range(0, 12).Select(index => $"tag{index}")];

    static readonly IReadOnlyList<string> Names =
        [.. Enumerable.Range(0, Plain).Select(index => $"key:{index}"), .. Tags.SelectMany(KeysOf)];

    readonly HashSet<int> _used = [.. Names.Select(SlotHash.Of)];
    int _free;

    public TestCluster Cluster { get; } = cluster;

    /// <summary>The ten keys of a tag.</summary>
    public static IEnumerable<string> KeysOf(string tag) => Enumerable.Range(0, OfATag).Select(index => $"{{{tag}}}:{index}");

    /// <summary>Makes it, and writes its keys.</summary>
    public async Task CreateAsync(params string[] spec)
    {
        await Cluster.ApplyAsync(3, 1, spec);
        await Cluster.WaitUntilReadyAsync();
        var result = await Command.RunAsync("redis-cli", ["-c", "-h", (await Cluster.AddressesAsync())[0]], string.Concat(Names.Select(name => $"SET {name} value-of-{name}\n")));
        Assert.Equal(Names.Count, result.Output.Split('\n').Count(line => line == "OK"));
    }

    /// <summary>Hurts it while its operator looks on without doing anything.</summary>
    public async Task HurtAsync(Func<IReadOnlyList<ServerView>, Task> hurt)
    {
        await SetPausedAsync(true);
        await hurt(await ServerView.OfAsync(Cluster));
        await SetPausedAsync(false);
    }

    /// <summary>Deletes pods, all or those named, and waits until others have their names. (kubectl's own waiting takes a quick successor for the pod that is to go.)</summary>
    public async Task ReplacePodsAsync(params string[] names)
    {
        string[] pods = names.Length > 0 ? names : ["-l", Cluster.Selector];
        var before = await UidsAsync();
        await Cluster.Kubernetes.KubectlAsync(["delete", "pods", "-n", Cluster.Namespace, "--wait=false", .. pods]);
        await Eventually.SeenAsync($"{string.Join(' ', pods)} are new pods", Patience, async () =>
        {
            var now = await UidsAsync();
            return now.Count == before.Count && now.Intersect(before).Count() == (names.Length == 0 ? 0 : before.Count - names.Length) ? null : string.Join(' ', now);
        });

        async Task<IReadOnlyList<string>> UidsAsync() =>
            (await Cluster.Kubernetes.KubectlAsync("get", "pods", "-n", Cluster.Namespace, "-l", Cluster.Selector, "-o", "jsonpath={.items[*].metadata.uid}")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Waits until every server agrees that all is well, and finds every key with its value.</summary>
    public async Task AssertHealsAsync(string after)
    {
        await Eventually.SeenAsync($"{Cluster.Name} is whole after {after}", Patience, async () =>
        {
            try
            {
                await Cluster.AssertWholeAsync(3, 1);
                await AssertKeysAsync();
                return null;
            }
            catch (XunitException instead)
            {
                return $"{string.Join('\n', (await Cluster.ConditionsAsync()).Values)}\n{instead.Message}";
            }
        });
        await Cluster.WaitUntilReadyAsync();
        await Cluster.AssertWholeAsync(3, 1);
    }

    /// <summary>Waits for an event that a user can make sense of.</summary>
    public Task AssertToldAsync(string text) => Eventually.SeenAsync($"an event of {Cluster.Name} says \"{text}\"", Patience, async () =>
    {
        var events = await Cluster.EventsAsync();
        return events.Any(line => line.Contains(text, StringComparison.Ordinal)) ? null : string.Join('\n', events);
    });

    /// <summary>A master of a tag's slot and another master.</summary>
    public static (int Slot, ServerView Owner, ServerView Other) Find(IReadOnlyList<ServerView> servers, string tag) => Find(servers, SlotHash.Of(tag));

    /// <summary>The master of a slot and another master.</summary>
    public static (int Slot, ServerView Owner, ServerView Other) Find(IReadOnlyList<ServerView> servers, int slot) =>
        (slot, servers.Single(server => server.IsMaster && server.Myself.Slots.Contains(slot)), servers.First(server => server.IsMaster && !server.Myself.Slots.Contains(slot)));

    /// <summary>A slot of this master that has keys.</summary>
    public static int SlotWithKeys(ServerView owner, int skip = 0) => Names.Select(SlotHash.Of).Distinct().Where(owner.Myself.Slots.Contains).Skip(skip).First();

    /// <summary>A slot without keys that this has not given before.</summary>
    public int FreeSlot()
    {
        while (!_used.Add(_free))
        {
            _free += 1777;
            _free %= 16384;
        }

        return _free;
    }

    async Task SetPausedAsync(bool paused) =>
        await Cluster.Kubernetes.KubectlAsync("patch", "rediscluster", Cluster.Name, "-n", Cluster.Namespace, "--type=merge", "-p", $$"""{"spec": {"paused": {{(paused ? "true" : "false")}} } }""");

    async Task AssertKeysAsync()
    {
        var result = await Command.RunAsync("redis-cli", ["-c", "-h", (await Cluster.AddressesAsync())[0]], string.Concat(Names.Select(name => $"GET {name}\n")));
        var answers = result.Output.Split('\n').Where(line => line.Length > 0 && !line.StartsWith("->", StringComparison.Ordinal));
        Assert.Equal(Names.Select(name => $"value-of-{name}"), answers);
        Assert.Equal(Names.Count, await Cluster.CountKeysAsync());
    }
}
