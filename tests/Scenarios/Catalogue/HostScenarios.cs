using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>A host is lost, comes back or does not, is cut off, or is drained.</summary>
static class HostScenarios
{
    static readonly TimeSpan Off = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Cut = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Drains = TimeSpan.FromSeconds(85);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("the host of a master is lost and comes back", Promise.OnlyUnreplicated, run => LoseAsync(run, isMaster: true, comesBack: true))
        {
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("the host of a master is lost for good", Promise.OnlyUnreplicated, run => LoseAsync(run, isMaster: true, comesBack: false))
        {
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("the host of a replica is lost and comes back", Promise.OnlyUnreplicated, run => LoseAsync(run, isMaster: false, comesBack: true)),
        new("a master's pod is deleted without grace while its process lives on a host that is cut off", Promise.OnlyUnreplicated, DeleteOnCutHostAsync),
        new("each of three hosts is drained in turn", Promise.Unnoticed, DrainEachAsync),
    ];

    static async Task LoseAsync(ScenarioRun run, bool isMaster, bool comesBack)
    {
        var host = (isMaster ? await run.MasterAsync() : await run.ReplicaAsync()).Host;
        var members = await run.MembersAsync();
        await run.Faults.PowerOffAsync(host, members.Where(member => member.IsMaster && member.Host == host));
        await Task.Delay(Off);
        await (comesBack ? run.Faults.PowerOnAsync(host) : run.Faults.DeclareDeadAsync(host));
    }

    /// <summary>The pod gets a successor of the same name elsewhere while the old process is still a master; then its host comes back.</summary>
    static async Task DeleteOnCutHostAsync(ScenarioRun run)
    {
        var master = await run.MasterAsync();
        var members = await run.MembersAsync();
        using (run.Suspect(members.Where(member => member.IsMaster && member.Host == master.Host)))
        {
            await run.Faults.CutHostAsync(master.Host, isOfMachine: true);
            await run.Faults.DeleteByForceAsync(master);
            await Task.Delay(Cut);
        }

        await run.Faults.MendHostAsync(master.Host);
    }

    static async Task DrainEachAsync(ScenarioRun run)
    {
        foreach (var host in (string[])["localkube-0", "localkube-1", "localkube-2"])
        {
            try
            {
                await run.Kubernetes.KubectlAsync(
                    "drain", host, "--ignore-daemonsets", "--delete-emptydir-data", $"--pod-selector={run.Cluster.Selector}", $"--timeout={Drains.TotalSeconds:0}s");
            }
            finally
            {
                await run.Kubernetes.KubectlAsync("uncordon", host);
            }

            await run.AssertHealsAsync(run.Cluster);
        }
    }
}
