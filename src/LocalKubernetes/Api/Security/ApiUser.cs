namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Who sent a request.</summary>
/// <param name="Name">Such as <c>kubernetes-admin</c> or <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Groups">All groups, also those that everybody is in.</param>
public sealed record ApiUser(string Name, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";

    const string ServiceAccountPrefix = "system:serviceaccount:";

    public static readonly ApiUser Anonymous = new("system:anonymous", [Unauthenticated]);

    /// <summary>Empty when whoever vouches for the user knows none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What else is known of the user, such as the pod that a token is bound to.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether everything is allowed, whatever the roles say.</summary>
    public bool IsPrivileged => Groups.Contains(Masters);

    /// <summary>The user that a service account is.</summary>
    public static ApiUser OfServiceAccount(string ns, string name, string uid = "") =>
        new(ServiceAccountName(ns, name), [.. ServiceAccountGroups(ns), Authenticated]) { Uid = uid };

    public static string ServiceAccountName(string ns, string name) => $"{ServiceAccountPrefix}{ns}:{name}";

    public static string[] ServiceAccountGroups(string ns) => ["system:serviceaccounts", $"system:serviceaccounts:{ns}"];

    /// <summary>The service account that a user's name says it is.</summary>
    public static bool TryServiceAccount(string user, out string ns, out string name)
    {
        ArgumentNullException.ThrowIfNull(user);
        (ns, name) = ("", "");
        if (!user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) || user[ServiceAccountPrefix.Length..].Split(':') is not [{ Length: > 0 } space, { Length: > 0 } account])
        {
            return false;
        }

        (ns, name) = (space, account);
        return true;
    }
}
