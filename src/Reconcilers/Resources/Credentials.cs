using System.Security.Cryptography;
using System.Text;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The users that every server has from its first start, and the Secret that holds them.</summary>
public static class Credentials
{
    /// <summary>The user of the operator, the probes and the hooks.</summary>
    public const string OperatorUser = "slotwise-operator";

    /// <summary>The user with which servers copy from each other.</summary>
    public const string ReplicationUser = "slotwise-replication";

    public const string OperatorPasswordKey = "operator-password";
    public const string ReplicationPasswordKey = "replication-password";
    public const string AclFileKey = "users.acl";

    /// <summary>
    /// Exactly the commands that are sent. <c>ACL LOAD</c> is among them so that a later release, which sends more, can widen these rights on running servers.
    /// </summary>
    /// <remarks>Of the data, only what moving slots needs: the sizes of keys, sending them away, and comparing two copies of one.</remarks>
    const string OperatorRules =
        "~* resetchannels -@all +ping +info +multi +exec +cluster +command|info +config|get +config|set +acl|load "
        + "+function|list +function|dump +function|restore +memory|usage +migrate +asking +dump +type +hgetall +lrange +smembers +zrange";

    /// <summary>
    /// What a replica sends to its master, a master to the one to which it gives keys, and what arrives when servers move slots by themselves: Valkey 9
    /// carries out what it receives as this user, which is any command that writes.
    /// </summary>
    /// <remarks>
    /// The one subcommand of CLUSTER that is needed, SYNCSLOTS, is new, and older servers do not start with a file that names what they do not know. So
    /// what they do know is taken away.
    /// </remarks>
    const string ReplicationRules =
        "~* resetchannels -@all +@write +ping +psync +replconf +select +restore-asking +multi +exec +cluster "
        + "-cluster|addslots -cluster|addslotsrange -cluster|bumpepoch -cluster|delslots -cluster|delslotsrange -cluster|failover -cluster|flushslots "
        + "-cluster|forget -cluster|meet -cluster|replicate -cluster|reset -cluster|saveconfig -cluster|set-config-epoch -cluster|setslot "
        + "-flushall -flushdb -swapdb -migrate";

    /// <summary>The Secret, made of passwords that exist already or were just generated.</summary>
    public static V1Secret BuildSecret(RedisCluster cluster, string operatorPassword, string replicationPassword) => new()
    {
        Metadata = ClusterMetadata.Owned(cluster, ClusterNames.CredentialsSecret(cluster.Metadata.Name!)),
        Type = "Opaque",
        Data = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [OperatorPasswordKey] = Encoding.UTF8.GetBytes(operatorPassword),
            [ReplicationPasswordKey] = Encoding.UTF8.GetBytes(replicationPassword),
            [AclFileKey] = Encoding.UTF8.GetBytes(BuildAclFile(operatorPassword, replicationPassword)),
        },
    };

    /// <summary>The user and password with which the operator connects; null while there is no Secret yet.</summary>
    public static RedisCredentials? ForOperator(V1Secret? secret) =>
        Read(secret, OperatorPasswordKey) is { } password ? new RedisCredentials(OperatorUser, password) : null;

    /// <summary>The user and password with which servers copy from each other; null while there is no Secret yet.</summary>
    public static RedisCredentials? ForReplication(V1Secret? secret) =>
        Read(secret, ReplicationPasswordKey) is { } password ? new RedisCredentials(ReplicationUser, password) : null;

    /// <summary>One value of the Secret; null where it is missing or empty.</summary>
    public static string? Read(V1Secret? secret, string key) =>
        secret?.Data is { } data && data.TryGetValue(key, out var value) && value.Length > 0 ? Encoding.UTF8.GetString(value) : null;

    static string BuildAclFile(string operatorPassword, string replicationPassword) =>
        "user default on nopass ~* &* +@all\n" +
        $"user {OperatorUser} on #{Hash(operatorPassword)} {OperatorRules}\n" +
        $"user {ReplicationUser} on #{Hash(replicationPassword)} {ReplicationRules}\n";

    static string Hash(string password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}
