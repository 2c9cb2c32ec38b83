using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary>The key that signs the tokens of service accounts. It is kept in the state directory, readable by its owner only: tokens outlive a restart.</summary>
public sealed class TokenKey : IDisposable
{
    /// <summary>ECDSA on P-256 with SHA-256: a key is made in no time, where RSA would cost the first start half a second.</summary>
    public const string Algorithm = "ES256";

    readonly ECDsa _key;

    // One ECDsa object must not be used by two threads at once.
    readonly Lock _gate = new();

    TokenKey(ECDsa key)
    {
        _key = key;
        Id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Names the key in tokens.</summary>
    public string Id { get; }

    public static TokenKey OpenOrCreate(string directory)
    {
        var path = Path.Combine(directory, "sa.key");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
        {
            key.ImportFromPem(File.ReadAllText(path));
        }
        else
        {
            PrivateFile.Write(path, key.ExportPkcs8PrivateKeyPem());
        }

        return new TokenKey(key);
    }

    /// <summary>A JSON Web Token with these claims.</summary>
    public string Sign(JsonObject claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var header = new JsonObject { ["alg"] = Algorithm, ["kid"] = Id };
        var body = $"{Encode(header)}.{Encode(claims)}";
        lock (_gate)
        {
            return $"{body}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>The claims of a token that this key signed; null for every other text. Times and audiences are the caller's matter.</summary>
    public JsonObject? Read(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            if (token.Split('.') is not [var header, var claims, var signature] || Decode(header) is not { } head || (string?)head["alg"] != Algorithm || (string?)head["kid"] != Id)
            {
                return null;
            }

            lock (_gate)
            {
                if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256))
                {
                    return null;
                }
            }

            return Decode(claims);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The public half, as <c>/openid/v1/jwks</c> shows it.</summary>
    public JsonObject PublicKey()
    {
        lock (_gate)
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "EC",
                ["kid"] = Id,
                ["crv"] = "P-256",
                ["alg"] = Algorithm,
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        }
    }

    public void Dispose() => _key.Dispose();

    static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json, Answer.Options));

    static JsonObject? Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
}
