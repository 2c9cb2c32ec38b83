namespace Slotwise.Simulation.Redis.Server;

/// <summary>What SIGTERM begins: a master that has replicas behind holds writes back and waits for them, for as long as shutdown-timeout says.</summary>
sealed class Shutdown(ServerProcess server)
{
    /// <summary>What is held back for the shutdown is never carried out: the process ends first.</summary>
    static readonly TimeSpan ForEver = TimeSpan.FromDays(1);

    TimeSpan _until;

    public void Begin()
    {
        _until = server.Now + server.Config.ShutdownTimeout;
        server.Trace("is told to end");
        if (!AreReplicasBehind())
        {
            server.Exit();
            return;
        }

        server.Data.PauseWrites(ForEver);
        LookAgain();
    }

    void LookAgain() => server.After(TimeSpan.FromMilliseconds(100), () =>
    {
        if (!AreReplicasBehind() || server.Now >= _until)
        {
            server.Exit();
        }
        else
        {
            LookAgain();
        }
    });

    bool AreReplicasBehind() =>
        server.Replication.IsOff && server.Replication.Replicas.Any(link => link.Stage == Replication.ReplicaStage.Online && link.Acknowledged < server.Replication.Applied);
}
