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
    const string FileName = "redis.conf";

    /// <summary>Reads the identity; false for a server that was not started by our script.</summary>
    public static bool TryRead(RedisInfo info, out ServerIdentity identity, out string reason)
    {
        ArgumentNullException.ThrowIfNull(info);
        identity = new ServerIdentity("", "");
        var path = info.ConfigFile;
        var parts = path.StartsWith(RedisConfig.RunDirectory + "/", StringComparison.Ordinal)
            ? path[(RedisConfig.RunDirectory.Length + 1)..].Split('/')
            : [];
        if (parts is not [{ Length: > 0 } cluster, { Length: > 0 } pod, FileName])
        {
            reason = $"the server was started with \"{path}\", not by Slotwise";
            return false;
        }

        identity = new ServerIdentity(cluster, pod);
        reason = "";
        return true;
    }
}
