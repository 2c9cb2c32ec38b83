using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>What the start script and the server read in a pod.</summary>
static class StartFiles
{
    /// <summary>What lasts as long as the pod.</summary>
    public const string RunVolume = "run";

    const string Config = "config";
    const string Credentials = "credentials";

    static readonly string[] PasswordFiles = [Reconcilers.Resources.Credentials.OperatorPasswordKey, Reconcilers.Resources.Credentials.ReplicationPasswordKey];

    /// <summary>redis.conf, the last of two equal directives wins, and what the script adds to it.</summary>
    public static SortedDictionary<string, string> ReadDirectives(ContainerStart start)
    {
        var directives = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (start.ReadFile(Config, ConfigMaps.RedisConfKey) ?? "").Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#' && line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0)
            {
                directives[line[..space]] = line[(space + 1)..].Trim('"');
            }
        }

        directives["masterauth"] = start.ReadFile(Credentials, Reconcilers.Resources.Credentials.ReplicationPasswordKey) ?? "";
        return directives;
    }

    /// <summary>The users of the ACL file with their passwords, as the pod has it now; empty for one without a password.</summary>
    public static IReadOnlyDictionary<string, string> ReadUsers(ContainerStart start)
    {
        var passwords = PasswordFiles.Select(file => start.ReadFile(Credentials, file)).OfType<string>().ToList();
        var users = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var words in (start.ReadFile(Credentials, Reconcilers.Resources.Credentials.AclFileKey) ?? "").Split('\n').Select(line => line.Split(' ')))
        {
            if (words is not ["user", var name, "on", .. var rules])
            {
                continue;
            }

            if (rules.Contains("nopass"))
            {
                users[name] = "";
            }
            else if (passwords.Find(password => rules.Contains("#" + Hash(password))) is { } known)
            {
                users[name] = known;
            }
        }

        return users;
    }

    /// <summary>cluster-node-timeout, in whole seconds as the scripts count it.</summary>
    public static TimeSpan NodeTimeoutOf(SortedDictionary<string, string> directives) =>
        TimeSpan.FromSeconds(Math.Ceiling(double.Parse(directives["cluster-node-timeout"], CultureInfo.InvariantCulture) / 1000));

    /// <summary>The pod's stable name.</summary>
    public static string HostnameOf(ContainerStart start) => Variable(start, "STABLE_HOST").Replace("$(POD_NAME)", start.Pod.Metadata.Name, StringComparison.Ordinal);

    /// <summary>The uid of the pod's cluster.</summary>
    public static string ClusterOf(ContainerStart start) => Variable(start, "CLUSTER_UID");

    static string Variable(ContainerStart start, string name) => start.Container.Env?.FirstOrDefault(variable => variable.Name == name)?.Value ?? "";

    public static ServerProfile ProfileOf(string? image) => image switch
    {
        _ when image?.Contains("valkey:9", StringComparison.Ordinal) == true => ServerProfile.Valkey9,
        _ when image?.Contains("valkey:8", StringComparison.Ordinal) == true => ServerProfile.Valkey81,
        _ when image?.Contains("redis:8.4", StringComparison.Ordinal) == true => ServerProfile.Redis84,
        _ when image?.Contains("redis:8", StringComparison.Ordinal) == true => ServerProfile.Redis80,
        _ => ServerProfile.Redis70,
    };

    static string Hash(string password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}
