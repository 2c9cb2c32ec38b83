using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Clients;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>Whether a server serves keys itself, or whom it refers to: getNodeByQuery of cluster.c.</summary>
static class Redirection
{
    public static RespValue? Find(ServerProcess server, string name, IReadOnlyList<string> keys, bool isAsking, bool isReadOnly)
    {
        var cluster = server.Cluster;
        var slot = SlotHash.Of(keys[0]);
        for (var index = 1; index < keys.Count; index++)
        {
            if (SlotHash.Of(keys[index]) != slot)
            {
                return RespValue.Error("CROSSSLOT Keys in request don't hash to the same slot");
            }
        }

        if (cluster.OwnerOf(slot) is not { } owner)
        {
            return RespValue.Error("CLUSTERDOWN Hash slot not served");
        }

        if (!cluster.IsOk)
        {
            if (!server.Config.AllowsReadsWhenDown)
            {
                return RespValue.Error("CLUSTERDOWN The cluster is down");
            }

            if (CommandKinds.WritesKeys(name))
            {
                return RespValue.Error("CLUSTERDOWN The cluster is down and only accepts read commands");
            }
        }

        var target = owner.IsMyself ? cluster.MigratesTo(slot) : null;
        var isImporting = target is null && cluster.ImportsFrom(slot) is not null;
        if ((target is not null || isImporting) && name == "MIGRATE")
        {
            return null;
        }

        if (target is not null || isImporting)
        {
            var missing = keys.Count(key => !server.Data.Keys.TryGet(key, slot, out _));
            if (target is not null && missing > 0)
            {
                // One that migrates to this very server is served.
                return missing < keys.Count ? TryAgain
                    : target.IsMyself ? null
                    : RespValue.Error(string.Create(CultureInfo.InvariantCulture, $"ASK {slot} {Endpoint(target)}"));
            }

            if (isImporting && isAsking)
            {
                return missing > 0 && keys.Count > 1 && keys.Any(key => key != keys[0]) ? TryAgain : null;
            }
        }

        if (owner.IsMyself || (isReadOnly && !CommandKinds.WritesKeys(name) && cluster.Myself.IsReplica && cluster.Myself.Master == owner))
        {
            return null;
        }

        return RespValue.Error(string.Create(CultureInfo.InvariantCulture, $"MOVED {slot} {Endpoint(owner)}"));
    }

    static RespValue TryAgain => RespValue.Error("TRYAGAIN Multiple keys request during rehashing of slot");

    static string Endpoint(KnownNode node) => string.Create(CultureInfo.InvariantCulture, $"{node.Ip}:{node.Port}");
}
