using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>What a server says to use of its memory.</summary>
static class ServerMemory
{
    /// <summary>Bytes that an empty server uses.</summary>
    public const long Empty = 1_000_000;

    public static long Used(ServerProcess server) => Empty + server.Data.Keys.Bytes;

    public static bool IsFull(ServerProcess server) =>
        server.World.LacksMemory(server) || (server.Config.MaxMemory > 0 && server.Config.Find("maxmemory-policy") == "noeviction" && Used(server) > server.Config.MaxMemory);
}
