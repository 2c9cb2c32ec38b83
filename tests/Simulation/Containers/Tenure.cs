using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>Since when a server is master and when it last gave its slots away, as probe.sh and prestop.sh note it: the one lasts as long as the pod, the other as the volume.</summary>
sealed class Tenure(Volume run, Volume data)
{
    const string MasterSinceFile = "master-since";
    const string StoodDownFile = "stood-down";

    public TimeSpan? MasterSince => run.Read(MasterSinceFile) as TimeSpan?;

    public TimeSpan? StoodDownAt => data.Read(StoodDownFile) as TimeSpan?;

    public void StandDown(TimeSpan now) => data.TryWrite(StoodDownFile, now);

    /// <summary>What the readiness probe finds.</summary>
    public void Note(bool isMaster, TimeSpan now)
    {
        if (isMaster && MasterSince is null)
        {
            run.TryWrite(MasterSinceFile, now);
        }
        else if (!isMaster && MasterSince is not null)
        {
            StandDown(now);
            run.Delete(MasterSinceFile);
        }
    }
}
