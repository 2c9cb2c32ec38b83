using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary>Makes the tokens of service accounts and tells whether one is good. See <c>pkg/serviceaccount/{claims,legacy}.go</c>.</summary>
public sealed class ServiceAccountTokens(Store store, TokenKey key, TimeProvider time)
{
    const string LegacyIssuer = "kubernetes/serviceaccount";
    const string Private = "kubernetes.io";

    /// <summary>Clocks differ, and an object that was just deleted may still have to say goodbye.</summary>
    static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    /// <summary>Who vouches for the tokens, and whom those are meant for that name nobody.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    /// <summary>A token of an account.</summary>
    /// <param name="account">The ServiceAccount.</param>
    /// <param name="audiences">Whom it is meant for.</param>
    /// <param name="lifetime">After which it is refused.</param>
    /// <param name="bound">What it must not outlive; null: only the account.</param>
    /// <param name="warnAfter">When its holder should have fetched another one; null: there is no such moment.</param>
    public string Issue(JsonObject account, IReadOnlyList<string> audiences, TimeSpan lifetime, BoundObject? bound, TimeSpan? warnAfter)
    {
        ArgumentNullException.ThrowIfNull(audiences);
        var now = time.GetUtcNow();
        var own = new JsonObject { ["namespace"] = Meta.Namespace(account) };
        if (bound?.Node is { } node)
        {
            own["node"] = Reference(node.Name, node.Uid);
        }

        if (bound is { Claim: not "node" })
        {
            own[bound.Claim] = Reference(bound.Name, bound.Uid);
        }

        own["serviceaccount"] = Reference(Meta.Name(account), Meta.Uid(account));
        if (warnAfter is { } warn)
        {
            own["warnafter"] = (now + warn).ToUnixTimeSeconds();
        }

        return key.Sign(new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            [Private] = own,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = ApiUser.ServiceAccountName(Meta.Namespace(account), Meta.Name(account)),
        });
    }

    /// <summary>A token that lives as long as its Secret: that of a Secret of type <c>kubernetes.io/service-account-token</c>.</summary>
    public string IssueForSecret(string ns, string account, string accountUid, string secret) => key.Sign(new JsonObject
    {
        ["iss"] = LegacyIssuer,
        [$"{Private}/serviceaccount/namespace"] = ns,
        [$"{Private}/serviceaccount/secret.name"] = secret,
        [$"{Private}/serviceaccount/service-account.name"] = account,
        [$"{Private}/serviceaccount/service-account.uid"] = accountUid,
        ["sub"] = ApiUser.ServiceAccountName(ns, account),
    });

    /// <summary>Whose a token is, if it is good for one of some audiences.</summary>
    public TokenAnswer Review(string token, IReadOnlyList<string> audiences)
    {
        var claims = key.Read(token);
        if (claims is null)
        {
            return new TokenAnswer(null, [], TokenAnswer.Bad);
        }

        var meant = claims.Text("iss") == LegacyIssuer ? [Issuer] : claims.Array("aud").Texts().ToList();
        var shared = audiences.Intersect(meant).ToList();
        if (shared.Count == 0)
        {
            return TokenAnswer.Refused($"token audiences {Rbac.PolicyRule.Show(meant)} is invalid for the target audiences {Rbac.PolicyRule.Show(audiences)}");
        }

        return claims.Text("iss") == LegacyIssuer ? ReviewOfSecret(token, claims, shared) : ReviewBound(claims, shared);
    }

    TokenAnswer ReviewBound(JsonObject claims, IReadOnlyList<string> audiences)
    {
        var now = time.GetUtcNow();
        if (claims.Number("exp") is { } expiry && now - Leeway > DateTimeOffset.FromUnixTimeSeconds(expiry))
        {
            return TokenAnswer.Refused("service account token has expired");
        }

        if (claims.Number("nbf") is { } start && now + Leeway < DateTimeOffset.FromUnixTimeSeconds(start))
        {
            return TokenAnswer.Refused("service account token is not valid yet");
        }

        var own = claims.Object(Private);
        var ns = own.Text("namespace") ?? "";
        if (AccountProblem(ns, own.Object("serviceaccount")) is { } problem)
        {
            return TokenAnswer.Refused(problem);
        }

        var extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.Text("jti")}"] };
        foreach (var (claim, plural) in ((string, string)[])[("secret", "secrets"), ("pod", "pods"), ("node", "nodes")])
        {
            var reference = own.Object(claim);
            if (reference is null)
            {
                continue;
            }

            // The node of a pod's token is told and not checked.
            var isTold = claim == "node" && own.Object("pod") is not null;
            if (!isTold && BoundProblem(plural, claim, ns, reference) is { } unbound)
            {
                return TokenAnswer.Refused(unbound);
            }

            if (claim != "secret")
            {
                extra[$"authentication.kubernetes.io/{claim}-name"] = [reference.Text("name") ?? ""];
                extra[$"authentication.kubernetes.io/{claim}-uid"] = [reference.Text("uid") ?? ""];
            }
        }

        var account = own.Object("serviceaccount");
        return new TokenAnswer(ApiUser.OfServiceAccount(ns, account.Text("name") ?? "", account.Text("uid") ?? "") with { Extra = extra }, audiences, null);
    }

    TokenAnswer ReviewOfSecret(string token, JsonObject claims, IReadOnlyList<string> audiences)
    {
        var ns = claims.Text($"{Private}/serviceaccount/namespace") ?? "";
        var account = Reference(claims.Text($"{Private}/serviceaccount/service-account.name") ?? "", claims.Text($"{Private}/serviceaccount/service-account.uid") ?? "");
        var secret = Find("secrets", ns, claims.Text($"{Private}/serviceaccount/secret.name") ?? "");
        var stored = secret.Object("data").Text("token");
        if (secret is null || Gone(secret) || stored is null || !Convert.FromBase64String(stored).AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(token)))
        {
            return TokenAnswer.Refused("service account token has been invalidated");
        }

        return AccountProblem(ns, account) is { } problem
            ? TokenAnswer.Refused(problem)
            : new TokenAnswer(ApiUser.OfServiceAccount(ns, account.Text("name")!, account.Text("uid")!), audiences, null);
    }

    string? AccountProblem(string ns, JsonObject? reference)
    {
        var name = reference.Text("name") ?? "";
        var account = Find("serviceaccounts", ns, name);
        return account switch
        {
            null => $"serviceaccounts \"{name}\" not found",
            _ when Meta.Uid(account) != reference.Text("uid") => $"service account UID ({Meta.Uid(account)}) does not match claim ({reference.Text("uid")})",
            _ when Gone(account) => $"service account {ns}/{name} has been deleted",
            _ => null,
        };
    }

    string? BoundProblem(string plural, string claim, string ns, JsonObject reference)
    {
        var found = Find(plural, ns, reference.Text("name") ?? "");
        return found is null || Gone(found)
            ? "service account token has been invalidated"
            : Meta.Uid(found) != reference.Text("uid")
                ? $"{claim} UID ({Meta.Uid(found)}) does not match service account {claim} ref claim ({reference.Text("uid")})"
                : null;
    }

    bool Gone(JsonObject obj) =>
        Meta.IsDeleting(obj) && DateTimeOffset.TryParse(obj.At("metadata.deletionTimestamp").AsText(), System.Globalization.CultureInfo.InvariantCulture, out var at) && at < time.GetUtcNow() - Leeway;

    JsonObject? Find(string plural, string ns, string name)
    {
        try
        {
            return store.Get(store.Kinds.Find("", "v1", plural)!, ns, name).Json;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    static JsonObject Reference(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };
}

/// <summary>What a token must not outlive.</summary>
/// <param name="Claim"><c>pod</c>, <c>secret</c> or <c>node</c>.</param>
/// <param name="Node">Of a pod: where it runs, if that is known.</param>
public sealed record BoundObject(string Claim, string Name, string Uid, (string Name, string Uid)? Node = null);
