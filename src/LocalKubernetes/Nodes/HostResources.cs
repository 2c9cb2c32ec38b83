namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>What one host says that it has.</summary>
/// <param name="Processors">All of the machine's: they are shared by time, so that hosts together say more than there is.</param>
/// <param name="Memory">Its part, in bytes: what one pod takes no other has.</param>
public sealed record HostResources(int Processors, long Memory)
{
    public static HostResources Share(int processors, long memory, int hosts) => new(processors, memory / Math.Max(1, hosts));
}
