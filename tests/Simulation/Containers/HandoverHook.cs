using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>What prestop.sh does before a server is stopped: a master hands over first, once, and in bounded time.</summary>
sealed class HandoverHook(RedisWorld redis, ContainerStart start, Tenure tenure, TimeSpan nodeTimeout, string password)
{
    const int LooksBefore = 10;
    const int MostVoters = 20;
    const long MaxLag = 16777216;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan WaitForVoters = TimeSpan.FromSeconds(8);
    static readonly TimeSpan AskWithin = TimeSpan.FromSeconds(15);
    static readonly TimeSpan FailoverWithin = TimeSpan.FromSeconds(7);
    static readonly TimeSpan TellClients = TimeSpan.FromSeconds(1);
    static readonly TimeSpan TellClientsOf = TimeSpan.FromSeconds(2);

    readonly ScriptClient _nodes = new(redis.NodesFor(start.Address), password);

    Simulator Simulator => redis.Simulator;

    string Name => start.Pod.Metadata.Name!;

    /// <summary>Runs as a process of the container, and ends with it.</summary>
    /// <returns>The process, for whoever ends it.</returns>
    public Process Run(Action done)
    {
        var process = new Process(Simulator, $"{Name} handover");
        process.Start(async () =>
        {
            if (await HandOverAsync(process.Time) is { } outcome)
            {
                Simulator.Trace.Add(Name, $"handover: {outcome}");
            }

            done();
        });
        return process;
    }

    /// <returns>What came of it; null where there was nothing to hand over.</returns>
    async Task<string?> HandOverAsync(TimeProvider time)
    {
        var began = Simulator.Now;
        if (await LookAsync() is not { } me)
        {
            return "the server does not answer";
        }

        if (!IsMaster(me))
        {
            await LetClientsLearnAsync(time);
            return null;
        }

        if (!me.State.IsOk)
        {
            return "not now, the cluster does not serve";
        }

        // somebody may just have asked a replica to take over
        for (var look = 0; look < LooksBefore; look++)
        {
            if (await LookAgainAsync(time) is not { } again || !IsMaster(again))
            {
                await LetClientsLearnAsync(time);
                return "another server has the slots already";
            }

            me = again;
        }

        while (tenure.StoodDownAt is { } at && Simulator.Now - at <= nodeTimeout * 2)
        {
            if (Simulator.Now - began >= WaitForVoters)
            {
                return "not now, this server gave its slots away a short time ago";
            }

            if (await LookAgainAsync(time) is not { } again || !IsMaster(again))
            {
                await LetClientsLearnAsync(time);
                return "another server has the slots already";
            }

            me = again;
        }

        if (await ChooseAsync(me) is not { } candidate)
        {
            return "no replica can take over";
        }

        if (!await VotersKnowAsync(me, candidate))
        {
            return $"too few masters know that {candidate.Ip} follows this one";
        }

        if (Simulator.Now - began >= AskWithin)
        {
            return "not now, servers are too slow to answer";
        }

        tenure.StandDown(Simulator.Now);
        var answer = await _nodes.AskAsync(candidate.Ip, AnswerWithin, new RedisCommand("CLUSTER", "FAILOVER"));
        return answer is [{ IsError: false }] ? await WaitAsync(time, candidate) : $"{candidate.Ip} does not take over";
    }

    /// <summary>A pod that was the master a moment ago, whoever had it give its slots away.</summary>
    Task LetClientsLearnAsync(TimeProvider time) =>
        tenure.MasterSince is not null || Simulator.Now - tenure.StoodDownAt <= TellClientsOf ? Task.Delay(TellClients, time) : Task.CompletedTask;

    async Task<string> WaitAsync(TimeProvider time, ClusterNode candidate)
    {
        for (var end = Simulator.Now + FailoverWithin; Simulator.Now < end; await Task.Delay(Pause, time))
        {
            if (await LookAsync() is not { } me)
            {
                return $"the server does not answer while {candidate.Ip} takes over";
            }

            if (!IsMaster(me))
            {
                await Task.Delay(TellClients, time);
                return $"{candidate.Ip} has the slots";
            }
        }

        return $"{candidate.Ip} did not take over";
    }

    /// <summary>Of the replicas that this server lists as its own and that are in sync, the one that has most.</summary>
    async Task<ClusterNode?> ChooseAsync(Look me)
    {
        var (best, most) = ((ClusterNode?)null, -1L);
        foreach (var node in me.Nodes.Nodes.Where(node => node.IsReplica && node.MasterId == me.Myself.Id && node is { HasFailed: false, IsPossiblyFailing: false, IsInHandshake: false }))
        {
            if (await _nodes.AskAsync(node.Ip, AnswerWithin, new RedisCommand("INFO"), new RedisCommand("CLUSTER", "MYID")) is not [var info, var id])
            {
                continue;
            }

            var said = RedisInfo.Parse(info.AsText() ?? "");
            var isInSync = said.ConfigFile.Contains(StartFiles.ClusterOf(start), StringComparison.Ordinal) && said is { IsMasterLinkUp: true, IsMasterSyncInProgress: false } && id.AsText() == node.Id.ToString();
            if (isInSync && me.Info.MasterOffset - said.ReplicaOffset <= MaxLag && MayBeElected(node) && said.ReplicaOffset > most)
            {
                (best, most) = (node, said.ReplicaOffset);
            }
        }

        return best;
    }

    /// <summary>A process that stood in an election a short time ago still has the old votes.</summary>
    bool MayBeElected(ClusterNode node) =>
        redis.Find(node.Ip) is not { View.Elections.Count: > 0 } || (tenure.MasterSince is { } since && Simulator.Now - since > nodeTimeout * 4);

    async Task<bool> VotersKnowAsync(Look me, ClusterNode candidate)
    {
        var needed = Math.Min(me.State.Size, MostVoters + 1);
        var voters = me.Nodes.Nodes
            .Where(node => node is { IsMaster: true, IsMyself: false, HasFailed: false, IsPossiblyFailing: false, Slots.IsEmpty: false })
            .Take(MostVoters)
            .Select(node => _nodes.AskAsync(node.Ip, AnswerWithin, new RedisCommand("CLUSTER", "NODES")));
        var knowing = 1;
        foreach (var answer in await Task.WhenAll(voters))
        {
            if (answer is [{ IsError: false } table])
            {
                var listed = ClusterCommands.Nodes.Read(table).Nodes.FirstOrDefault(node => node.Id == candidate.Id);
                knowing += listed is { IsReplica: true } && listed.Ip == candidate.Ip && listed.MasterId == me.Myself.Id ? 1 : 0;
            }
        }

        return knowing * 2 > needed;
    }

    async Task<Look?> LookAgainAsync(TimeProvider time)
    {
        await Task.Delay(Pause, time);
        return await LookAsync();
    }

    async Task<Look?> LookAsync()
    {
        var answers = await _nodes.AskAsync(start.Address, AnswerWithin, new RedisCommand("INFO"), new RedisCommand("CLUSTER", "INFO"), new RedisCommand("CLUSTER", "NODES"));
        if (answers is not [{ IsError: false } info, { IsError: false } state, { IsError: false } table])
        {
            return null;
        }

        var nodes = ClusterCommands.Nodes.Read(table);
        return nodes.Myself is { } myself ? new Look(RedisInfo.Parse(info.AsText() ?? ""), ClusterInfo.Parse(state.AsText() ?? ""), nodes, myself) : null;
    }

    static bool IsMaster(Look me) => me.Myself.IsMaster && !me.Myself.Slots.IsEmpty;

    sealed record Look(RedisInfo Info, ClusterInfo State, ClusterNodesTable Nodes, ClusterNode Myself);
}
