using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Simulation.Differential;

/// <summary>
/// What was once measured on real servers and decides how the operator acts, as cases that simulated and real servers go through. All start with three masters
/// and their replicas: 0 to 2, and 3 to 5 in the same order.
/// </summary>
static class Measured
{
    const int Master = 0;
    const int Replica = 3;
    const int Keys = 20;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>M1: a master without persistence that is restarted in place comes back empty, and its replica is wiped.</summary>
    public static async Task EmptyMasterWipesItsReplicaAsync(ISubject subject)
    {
        await FormAsync(subject);
        await subject.KillAsync(Master);
        await subject.StartAsync(Master, afresh: false);
        await UntilAsync(subject, "the replica is wiped", async () => await KeysAsync(subject, Replica) == 0);
        Assert.Equal("slave", await RoleAsync(subject, Replica));
        Assert.Equal(0, await KeysAsync(subject, Master));
    }

    /// <summary>M1: FORCE, sent in time, saves them: voters grant it although they see the master up.</summary>
    public static async Task ForceSavesWhatAnEmptyMasterWouldWipeAsync(ISubject subject)
    {
        await FormAsync(subject);
        await subject.KillAsync(Master);
        await subject.StartAsync(Master, afresh: false);
        var started = subject.Now;
        Assert.Equal("OK", $"{await subject.SendAsync(Replica, "CLUSTER", "FAILOVER", "FORCE")}");
        await UntilAsync(subject, "the replica is master", async () => await RoleAsync(subject, Replica) == "master");

        Assert.InRange((subject.Now - started).TotalSeconds, 0, 2);
        Assert.Equal(Keys, await KeysAsync(subject, Replica));
        await UntilAsync(subject, "the empty one follows it", async () => await RoleAsync(subject, Master) == "slave" && await KeysAsync(subject, Master) == Keys);
        Assert.Equal(Keys, await KeysAsync(subject, Replica));
    }

    /// <summary>
    /// M2: who follows whom is told by the next ping only, up to half a node time-out later; then everybody knows.
    /// </summary>
    public static async Task WhoFollowsWhomSpreadsSlowlyAsync(ISubject subject)
    {
        await FormAsync(subject);
        await HandOverAsync(subject, Replica);
        await UntilAsync(subject, "the old master is in sync", async () => (await ReplicationAsync(subject, Master)).IsMasterLinkUp);
        var isUp = subject.Now;
        await UntilAsync(subject, "the voters know it", () => IsListedAsync(subject, Master, Replica));
        Assert.InRange((subject.Now - isUp).TotalSeconds, 0, (NodeTimeout.TotalSeconds / 2) + 2);
    }

    /// <summary>
    /// M3: a process that won an election a moment ago and became a replica again promotes itself on the old votes, with the old epoch, and is thrown back: what
    /// was written to it meanwhile is lost, and it has to copy its master. On Valkey nothing of an election outlives a change of master: it asks for votes and
    /// is elected.
    /// </summary>
    public static async Task OldVotesCountAgainAsync(ISubject subject, bool isValkey)
    {
        await FormAsync(subject);
        await HandOverAsync(subject, Replica);
        var elected = subject.Now;
        await ReadyAsync(subject, Master, Replica);
        await HandOverAsync(subject, Master);
        await ReadyAsync(subject, Replica, Master);
        Assert.True(subject.Now - elected < NodeTimeout * 2, "it took too long: its votes are forgotten by now");
        var epoch = await EpochAsync(subject, Master);
        Assert.False(await HasCopiedAsync(subject));

        Assert.Equal("OK", $"{await subject.SendAsync(Replica, "CLUSTER", "FAILOVER")}");
        if (isValkey)
        {
            await UntilAsync(subject, "it is elected", async () => await RoleAsync(subject, Replica) == "master" && await RoleAsync(subject, Master) == "slave");
            Assert.True(await EpochAsync(subject, Replica) > epoch);
            return;
        }

        await UntilAsync(subject, "it was master for a moment and copies again", () => HasCopiedAsync(subject));
        Assert.Equal("slave", await RoleAsync(subject, Replica));
        Assert.Equal("master", await RoleAsync(subject, Master));
        Assert.Equal(epoch, await EpochAsync(subject, Master));
    }

    /// <summary>M4: whether a replica that came back empty wins its dead master's slots is decided by cluster-replica-validity-factor.</summary>
    public static async Task EmptyReplicaAsync(ISubject subject, bool isElected)
    {
        await FormAsync(subject);
        await subject.KillAsync(Replica);
        await subject.KillAsync(Master);
        await subject.StartAsync(Replica, afresh: false);
        await UntilAsync(subject, "the master counts as failed", async () =>
            (await TableAsync(subject, Replica)).Nodes.Any(node => node.HasFailed && subject.Translate(node.Id.ToString()) == "#0"));
        if (isElected)
        {
            await UntilAsync(subject, "it is elected", async () => await RoleAsync(subject, Replica) == "master");
            Assert.Equal(0, await KeysAsync(subject, Replica));
            return;
        }

        await subject.WaitAsync(TimeSpan.FromSeconds(8));
        Assert.Equal("slave", await RoleAsync(subject, Replica));
    }

    /// <summary>cluster-node-timeout in these cases.</summary>
    public static TimeSpan NodeTimeout { get; } = TimeSpan.FromSeconds(5);

    public static IEnumerable<(string Name, string Value)> Directives(int validityFactor) =>
    [
        ("cluster-node-timeout", NodeTimeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
        ("cluster-replica-validity-factor", validityFactor.ToString(CultureInfo.InvariantCulture)),
        ("cluster-allow-replica-migration", "no"),
        ("cluster-require-full-coverage", "no"),
        ("appendonly", "no"),

        // So long a master that came back empty is not copied yet.
        ("repl-diskless-sync-delay", "2"),
    ];

    static async Task FormAsync(ISubject subject)
    {
        foreach (var step in Walk.Form())
        {
            Assert.Equal("OK", await step.DoAsync(subject));
        }

        await UntilAsync(subject, "all know all", async () =>
        {
            for (var server = 0; server < subject.Count; server++)
            {
                if (await TableAsync(subject, server) is not { Nodes.Count: 6 } table || table.Nodes.Any(node => node.IsInHandshake))
                {
                    return false;
                }
            }

            return true;
        });
        foreach (var step in Walk.FollowMasters())
        {
            Assert.Equal("OK", await step.DoAsync(subject));
        }

        for (var master = 0; master < 3; master++)
        {
            await ReadyAsync(subject, master + 3, master);
        }

        await UntilAsync(subject, "the master serves", async () => ClusterInfo.Parse($"{await subject.SendAsync(Master, "CLUSTER", "INFO")}").IsOk);
        var written = 0;
        for (var number = 0; written < Keys; number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"key-{number}");
            written += $"{await subject.SendAsync(Master, "SET", key, "value")}" == "OK" ? 1 : 0;
        }

        await UntilAsync(subject, "the replica has all keys", async () => await KeysAsync(subject, Replica) == Keys);
    }

    /// <summary>Whether the replica's last synchronization was a full one: after a partial one it has an earlier history.</summary>
    static async Task<bool> HasCopiedAsync(ISubject subject) => await ReplicationAsync(subject, Replica) is { IsMasterLinkUp: true } replication && replication["master_replid2"] == new string('0', 40);

    static async Task HandOverAsync(ISubject subject, int candidate)
    {
        Assert.Equal("OK", $"{await subject.SendAsync(candidate, "CLUSTER", "FAILOVER")}");
        await UntilAsync(subject, $"#{candidate} is master", async () => await RoleAsync(subject, candidate) == "master");
    }

    /// <summary>Until a replica is in sync and everybody who has a say knows it.</summary>
    static async Task ReadyAsync(ISubject subject, int replica, int master)
    {
        await UntilAsync(subject, $"#{replica} is in sync", async () => (await ReplicationAsync(subject, replica)).IsMasterLinkUp);
        await UntilAsync(subject, $"the voters know #{replica}", () => IsListedAsync(subject, replica, master));
    }

    /// <summary>Whether a master and the other two list a replica as following that master.</summary>
    static async Task<bool> IsListedAsync(ISubject subject, int replica, int master)
    {
        foreach (var voter in new[] { master, 1, 2 })
        {
            var line = (await TableAsync(subject, voter)).Nodes.FirstOrDefault(node => subject.Translate(node.Id.ToString()) == $"#{replica}");
            if (line?.MasterId is not { } followed || subject.Translate(followed.ToString()) != $"#{master}")
            {
                return false;
            }
        }

        return true;
    }

    static async Task UntilAsync(ISubject subject, string what, Func<Task<bool>> holds)
    {
        for (var end = subject.Now + Patience; !await holds();)
        {
            Assert.True(subject.Now < end, $"never: {what}");
            await subject.WaitAsync(TimeSpan.FromMilliseconds(5));
        }
    }

    static async Task<string> RoleAsync(ISubject subject, int server) => (await ReplicationAsync(subject, server))["role"] ?? "";

    static async Task<RedisInfo> ReplicationAsync(ISubject subject, int server) => RedisInfo.Parse($"{await subject.SendAsync(server, "INFO", "replication")}");

    static async Task<long> EpochAsync(ISubject subject, int server) => ClusterInfo.Parse($"{await subject.SendAsync(server, "CLUSTER", "INFO")}").MyEpoch;

    static async Task<ClusterNodesTable> TableAsync(ISubject subject, int server) => ClusterNodesTable.Parse((await subject.SendAsync(server, "CLUSTER", "NODES"))!.Value.Bytes);

    /// <summary>How many keys it has; -1 while it does not answer.</summary>
    static async Task<long> KeysAsync(ISubject subject, int server) => await subject.SendAsync(server, "DBSIZE") is { IsError: false } size && size.TryGetInteger(out var keys) ? keys : -1;
}
