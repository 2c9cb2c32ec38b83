namespace Slotwise.Redis.Tests;

/// <summary>What a scripted server answers to CLUSTER SLOTS.</summary>
static class ClusterOfFakes
{
    /// <summary>All slots at one master, which may have replicas.</summary>
    public static RespValue Slots(params IEnumerable<RedisEndpoint> masterAndReplicas) => RespValue.Array(RespValue.Array(
        [RespValue.Integer(0), RespValue.Integer(16383), .. masterAndReplicas.Select(node => RespValue.Array(RespValue.Text(node.Host), RespValue.Integer(node.Port)))]));

    /// <summary>What a server was asked, greetings and questions about the cluster aside.</summary>
    public static IEnumerable<string> Commands(this FakeServer server) =>
        server.Received.Where(command => !command.StartsWith("HELLO", StringComparison.Ordinal) && !command.StartsWith("CLUSTER", StringComparison.Ordinal));
}
