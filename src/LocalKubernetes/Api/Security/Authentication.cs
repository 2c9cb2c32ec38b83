using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Security.Tokens;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Recognises users by the client certificates of the authority, by the tokens of service accounts and by those that were issued here.</summary>
public sealed class Authentication(ServiceAccountTokens accounts)
{
    readonly ConcurrentDictionary<string, ApiUser> _tokens = new();

    /// <summary>Makes a token that logs its holder in until the server ends.</summary>
    public string IssueToken(ApiUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _tokens[Hash(token)] = user with { Groups = [.. user.Groups.Append(ApiUser.Authenticated).Distinct()] };
        return token;
    }

    /// <summary>The user of a request; null when its token is not good. Certificates were checked when the connection was made.</summary>
    public ApiUser? Recognize(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Connection.ClientCertificate is { } certificate)
        {
            return UserOf(certificate);
        }

        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? Review(header["Bearer ".Length..].Trim(), [ServiceAccountTokens.Issuer]).User
            : ApiUser.Anonymous;
    }

    /// <summary>Whose a token is, if it is good for one of some audiences.</summary>
    public TokenAnswer Review(string token, IReadOnlyList<string> audiences)
    {
        ArgumentNullException.ThrowIfNull(audiences);
        if (_tokens.TryGetValue(Hash(token), out var user))
        {
            return audiences.Contains(ServiceAccountTokens.Issuer) ? new TokenAnswer(user, [ServiceAccountTokens.Issuer], null) : new TokenAnswer(null, [], TokenAnswer.Bad);
        }

        return accounts.Review(token, audiences);
    }

    static ApiUser UserOf(X509Certificate2 certificate)
    {
        string? name = null;
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue();
                    break;
                case "2.5.4.10" when part.GetSingleElementValue() is { } group:
                    groups.Add(group);
                    break;
            }
        }

        return new ApiUser(name ?? "", [.. groups, ApiUser.Authenticated])
        {
            Extra = new Dictionary<string, IReadOnlyList<string>>
            {
                ["authentication.kubernetes.io/credential-id"] = [$"X509SHA256={certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}"],
            },
        };
    }

    // Looking a hash up tells nobody by its time how much of a token was right.
    static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
