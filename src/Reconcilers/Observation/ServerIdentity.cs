using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>
/// Which pod of which cluster a server belongs to. The start script puts both uids into the path of the configuration file,
/// and the server says that path in <c>INFO server</c>: so the proof comes over the very connection that is used, and an address
/// that now belongs to another pod is noticed (redis #6174).
/// </summary>
/// <param name="ClusterUid">The uid of the RedisCluster.</param>
/// <param name="PodUid">The uid of the pod.</param>
public sealed record ServerIdentity(string ClusterUid, string PodUid)
{
    const string OrdinaryFile = "redis.conf";
    const string DecidedFile = "redis-";
    const string GateFile = "gate.conf";
    const string FileType = ".conf";

    /// <summary>Reads the identity; false for a server that was not started by our script, or stands at its gate.</summary>
    public static bool TryRead(RedisInfo info, out ServerIdentity identity, out string reason)
    {
        ArgumentNullException.ThrowIfNull(info);
        var parts = Parts(info);
        var isServer = parts is [_, _, var file] && TryReadDecision(file, out _);
        identity = isServer ? new ServerIdentity(parts[0], parts[1]) : new ServerIdentity("", "");
        reason = isServer ? "" : $"the server was started with \"{info.ConfigFile}\", not by Slotwise";
        return isServer;
    }

    /// <summary>Whether what answers is the gate of this pod: its server may not start yet.</summary>
    public bool IsGate(RedisInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return Parts(info) is [var cluster, var pod, GateFile] && cluster == ClusterUid && pod == PodUid;
    }

    /// <summary>How the process came to be started.</summary>
    public static StartDecision DecisionOf(RedisInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return Parts(info) is [_, _, var file] && TryReadDecision(file, out var decision) ? decision : StartDecision.Ordinary;
    }

    static string[] Parts(RedisInfo info) =>
        info.ConfigFile.StartsWith(RedisConfig.RunDirectory + "/", StringComparison.Ordinal)
        && info.ConfigFile[(RedisConfig.RunDirectory.Length + 1)..].Split('/') is [{ Length: > 0 }, { Length: > 0 }, _] parts
            ? parts
            : [];

    static bool TryReadDecision(string file, out StartDecision decision)
    {
        decision = StartDecision.Ordinary;
        return file == OrdinaryFile
            || (file.StartsWith(DecidedFile, StringComparison.Ordinal)
                && file.EndsWith(FileType, StringComparison.Ordinal)
                && Enum.TryParse(file[DecidedFile.Length..^FileType.Length], ignoreCase: true, out decision));
    }
}
