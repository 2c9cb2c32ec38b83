using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary>What others need to check tokens themselves (OpenID Connect discovery).</summary>
static class IssuerDocuments
{
    /// <summary><c>/.well-known/openid-configuration</c>.</summary>
    /// <param name="server">The address under which the server was asked.</param>
    public static JsonObject Configuration(string server) => new()
    {
        ["issuer"] = ServiceAccountTokens.Issuer,
        ["jwks_uri"] = $"https://{server}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray(TokenKey.Algorithm),
    };

    /// <summary><c>/openid/v1/jwks</c>.</summary>
    public static JsonObject Keys(TokenKey key) => new() { ["keys"] = new JsonArray(key.PublicKey()) };
}
