using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Who sent a request.</summary>
public sealed record ApiUser(string Name, IReadOnlyList<string> Groups)
{
    public static readonly ApiUser Anonymous = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsAnonymous => this == Anonymous;
}

/// <summary>Recognises users by the client certificates of the authority and by the bearer tokens that were issued here.</summary>
public sealed class Authentication
{
    readonly ConcurrentDictionary<string, ApiUser> _tokens = new();

    /// <summary>Makes a token that logs its holder in until the server ends.</summary>
    public string IssueToken(ApiUser user)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _tokens[Hash(token)] = user;
        return token;
    }

    /// <summary>The user of a request; null when its token is not ours. Certificates were checked when the connection was made.</summary>
    public ApiUser? Recognize(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return _tokens.GetValueOrDefault(Hash(header["Bearer ".Length..].Trim()));
        }

        return context.Connection.ClientCertificate is { } certificate ? UserOf(certificate) : ApiUser.Anonymous;
    }

    static ApiUser UserOf(X509Certificate2 certificate)
    {
        string? name = null;
        var groups = new List<string> { "system:authenticated" };
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

        return new ApiUser(name ?? "", groups);
    }

    // Looking a hash up tells nobody by its time how much of a token was right.
    static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
