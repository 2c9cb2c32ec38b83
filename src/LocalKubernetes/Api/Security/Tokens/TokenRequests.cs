using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.BuiltIn;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary><c>POST serviceaccounts/NAME/token</c>. See <c>pkg/registry/core/serviceaccount/storage/token.go</c>.</summary>
sealed class TokenRequests(Store store, ServiceAccountTokens tokens, TimeProvider time)
{
    /// <summary>What the volumes that admission adds ask for: such tokens live on for a year, so that programs that read theirs once keep working.</summary>
    public const long WarnOnlySeconds = (60 * 60) + 7;

    static readonly TimeSpan Extended = TimeSpan.FromDays(365);

    static readonly ResourceKind Kind = BuiltInKinds.All[0] with
    {
        Kind = new Kubernetes.Models.KubernetesKind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", true),
        Schema = BuiltInKinds.Body("TokenRequest")!,
    };

    public async Task CreateAsync(HttpContext context, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("a token request needs a body");
        await Answer.JsonAsync(context, Create(path.Namespace ?? "", path.Name!, body), StatusCodes.Status201Created);
    }

    /// <summary>Answers a request: itself, with the token in its status.</summary>
    /// <exception cref="KubernetesApiException">400, 404, 409, 422.</exception>
    public JsonObject Create(string ns, string name, JsonObject body)
    {
        var request = body.Clone();
        var account = store.Get(store.Kinds.Find("", "v1", "serviceaccounts")!, ns, name).Json;
        var metadata = Meta.Of(request);
        RequireSame(metadata, "name", name, name);
        RequireSame(metadata, "namespace", ns, name);
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != Meta.Uid(account))
        {
            throw ApiError.Conflict(Kind, name, $"the UID in the token request ({uid}) does not match the UID of the service account ({Meta.Uid(account)})");
        }

        metadata["uid"] = Meta.Uid(account);
        metadata["creationTimestamp"] = Meta.Time(time.GetUtcNow());
        request["apiVersion"] = Kind.Kind.ApiVersion;
        request["kind"] = Kind.Kind.Kind;
        var spec = request.Ensure("spec");
        if (spec.Array("audiences") is not { Count: > 0 })
        {
            spec["audiences"] = new JsonArray(ServiceAccountTokens.Issuer);
        }

        spec["expirationSeconds"] ??= 3600;
        var seconds = spec.Number("expirationSeconds") ?? throw ApiError.BadRequest("TokenRequest in version \"v1\" cannot be handled as a TokenRequest: spec.expirationSeconds is no number");
        RefuseLifetime(seconds, spec["expirationSeconds"]!);
        var bound = Bound(ns, name, spec.Object("boundObjectRef"));
        List<string> audiences = [.. spec.Array("audiences").Texts()];
        var extends = bound is { Claim: "pod" } && seconds == WarnOnlySeconds && audiences.TrueForAll(audience => audience == ServiceAccountTokens.Issuer);
        var lifetime = TimeSpan.FromSeconds(seconds);
        request["status"] = new JsonObject
        {
            ["token"] = tokens.Issue(account, audiences, extends ? Extended : lifetime, bound, extends ? lifetime : null),
            ["expirationTimestamp"] = Meta.Time(time.GetUtcNow() + lifetime),
        };
        return request;
    }

    static void RefuseLifetime(long seconds, JsonNode given)
    {
        if (seconds < 600)
        {
            throw ApiError.Invalid(Kind, "", [FieldError.Invalid("spec.expirationSeconds", given.DeepClone(), "may not specify a duration less than 10 minutes")]);
        }

        if (seconds > 1L << 32)
        {
            throw ApiError.Invalid(Kind, "", [FieldError.Invalid("spec.expirationSeconds", given.DeepClone(), "may not specify a duration larger than 2^32 seconds")]);
        }
    }

    static void RequireSame(JsonObject metadata, string field, string wanted, string name)
    {
        if (metadata.Text(field) is { Length: > 0 } given && given != wanted)
        {
            throw ApiError.Invalid(Kind, name, [FieldError.Invalid($"metadata.{field}", given, $"must match the service account {field} if specified")]);
        }

        metadata[field] = wanted;
    }

    BoundObject? Bound(string ns, string account, JsonObject? reference)
    {
        if (reference is null)
        {
            return null;
        }

        var claim = (reference.Text("apiVersion"), reference.Text("kind")) switch
        {
            ("v1", "Pod") => "pod",
            ("v1", "Secret") => "secret",
            ("v1", "Node") => "node",
            var (version, kind) => throw ApiError.BadRequest($"cannot bind token to object of type {version}, Kind={kind}"),
        };
        var name = reference.Text("name") ?? "";
        var objects = store.Kinds.Find("", "v1", $"{claim}s")!;
        var found = store.Get(objects, ns, name).Json;
        if (claim == "pod" && found.At("spec.serviceAccountName").AsText() != account)
        {
            throw ApiError.BadRequest($"cannot bind token for serviceaccount \"{account}\" to pod running with different serviceaccount name.");
        }

        if (reference.Text("uid") is { Length: > 0 } uid && uid != Meta.Uid(found))
        {
            throw ApiError.Conflict(objects, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        return new BoundObject(claim, name, Meta.Uid(found), claim switch
        {
            "pod" => NodeOf(found),
            "node" => (name, Meta.Uid(found)),
            _ => null,
        });
    }

    (string Name, string Uid)? NodeOf(JsonObject pod)
    {
        if (pod.At("spec.nodeName").AsText() is not { Length: > 0 } name)
        {
            return null;
        }

        try
        {
            return (name, Meta.Uid(store.Get(store.Kinds.Find("", "v1", "nodes")!, null, name).Json));
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return (name, "");
        }
    }
}
