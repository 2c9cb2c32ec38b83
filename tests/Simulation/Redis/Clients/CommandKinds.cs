using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>What kind of command one is.</summary>
public static class CommandKinds
{
    /// <summary>Whether it can change anything, be it data, the table of nodes or the configuration.</summary>
    public static bool IsWrite(RedisCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.Name switch
        {
            "INFO" or "DBSIZE" or "DUMP" or "TYPE" or "GET" or "MGET" or "EXISTS" or "PING" or "ASKING" or "AUTH" or "HELLO" or "READONLY" or "READWRITE"
                or "MULTI" or "ROLE" or "MEMORY" or "MEMORY USAGE" or "CONFIG GET" or "COMMAND INFO" or "FUNCTION LIST" or "FUNCTION DUMP" or "ACL WHOAMI"
                or "CLUSTER INFO" or "CLUSTER NODES" or "CLUSTER MYID" or "CLUSTER SLOTS" or "CLUSTER SHARDS" or "CLUSTER COUNTKEYSINSLOT" or "CLUSTER GETKEYSINSLOT" or "CLUSTER KEYSLOT"
                or "CLUSTER GETSLOTMIGRATIONS" or "HGETALL" or "SMEMBERS" or "LRANGE" or "ZRANGE" => false,
            "CLUSTER MIGRATION" => command.ArgumentText(2) != "STATUS",
            _ => true,
        };
    }

    /// <summary>Whether it writes keys: what the server calls a write, which is held back and refused for other reasons than the rest.</summary>
    public static bool WritesKeys(string name) => name is "SET" or "DEL" or "RESTORE" or "RESTORE-ASKING" or "MIGRATE" or "FUNCTION RESTORE" or "FLUSHALL";

    /// <summary>Whether it is answered while the data set is being read.</summary>
    public static bool IsAnsweredWhileLoading(string name) =>
        name is "INFO" or "AUTH" or "HELLO" or "CONFIG GET" or "CONFIG SET" or "ACL LOAD" or "ACL WHOAMI" or "COMMAND INFO" or "MULTI" or "EXEC" or "ROLE";
}
