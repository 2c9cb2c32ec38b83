using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.LocalKubernetes.Api.Security.Rbac;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Schemas;

namespace Slotwise.LocalKubernetes.Api.Security.Reviews;

/// <summary>Answers the kinds that are questions: whose a token is, who somebody is, and what he may do.</summary>
sealed class ReviewRequests(Authentication authentication, IAuthorizer authorizer, TimeProvider time)
{
    public async Task CreateAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("the object provided is unrecognized: the body is no object");
        var user = context.Features.Get<Caller>()?.User ?? ApiUser.Anonymous;
        var review = body.Clone();
        review["apiVersion"] = kind.Kind.ApiVersion;
        review["kind"] = kind.Kind.Kind;
        Meta.Of(review);
        RefuseWrongTypes(kind, review);
        review["status"] = kind.Kind.Kind switch
        {
            "TokenReview" => ReviewToken(review.Object("spec")),
            "SelfSubjectReview" => WhoAmI(review, user),
            "SelfSubjectRulesReview" => RulesOf(user, review.Object("spec")),
            "SelfSubjectAccessReview" => ReviewAccess(kind, review.Object("spec"), user, null),
            _ => ReviewAccess(kind, review.Object("spec"), null, path.Namespace),
        };
        await Answer.JsonAsync(context, review, StatusCodes.Status201Created);
    }

    static void RefuseWrongTypes(ResourceKind kind, JsonObject review)
    {
        if (ValidateSchema.Errors(kind.Schema, review).FirstOrDefault(error => error.Reason == "FieldValueTypeInvalid") is { } unreadable)
        {
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {unreadable.Path}: {unreadable.Detail}");
        }
    }

    JsonObject ReviewToken(JsonObject? spec)
    {
        if (spec.Text("token") is not { Length: > 0 } token)
        {
            throw ApiError.BadRequest("token is required for TokenReview in authentication");
        }

        List<string> audiences = [.. spec.Array("audiences").Texts()];
        var answer = authentication.Review(token, audiences.Count == 0 ? [ServiceAccountTokens.Issuer] : audiences);
        return answer.User is not { } user
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = answer.Error }
            : new JsonObject { ["authenticated"] = true, ["user"] = Show(user), ["audiences"] = List(answer.Audiences) };
    }

    JsonObject WhoAmI(JsonObject review, ApiUser user)
    {
        Meta.Of(review)["creationTimestamp"] = Meta.Time(time.GetUtcNow());
        return new JsonObject { ["userInfo"] = Show(user) };
    }

    JsonObject RulesOf(ApiUser user, JsonObject? spec)
    {
        if (spec.Text("namespace") is not { Length: > 0 } ns)
        {
            throw ApiError.BadRequest("no namespace on request");
        }

        var rules = authorizer.RulesOf(user, ns);
        return new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(rule => rule.Resources.Count > 0).Select(ShowResource)]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => rule.NonResourceUrls.Count > 0)
                .Select(rule => (JsonNode)new JsonObject { ["verbs"] = List(rule.Verbs), ["nonResourceURLs"] = List(rule.NonResourceUrls) })]),
            ["incomplete"] = false,
        };
    }

    JsonObject ReviewAccess(ResourceKind kind, JsonObject? spec, ApiUser? self, string? ns)
    {
        var (resource, path) = (spec.Object("resourceAttributes"), spec.Object("nonResourceAttributes"));
        var errors = new List<FieldError>();
        if (resource is not null && path is not null)
        {
            errors.Add(FieldError.Invalid("spec.nonResourceAttributes", path.DeepClone(), "cannot be specified in combination with resourceAttributes"));
        }
        else if (resource is null && path is null)
        {
            errors.Add(FieldError.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        if (self is null && string.IsNullOrEmpty(spec.Text("user")) && !spec.Array("groups").Texts().Any())
        {
            errors.Add(FieldError.Invalid("spec.user", "", "at least one of user or group must be specified"));
        }

        if (ns is not null && resource is not null && resource.Text("namespace") != ns)
        {
            errors.Add(FieldError.Invalid("spec.resourceAttributes.namespace", resource.Text("namespace") ?? "", "must match metadata.namespace"));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid(kind, "", errors);
        }

        var user = self ?? new ApiUser(spec.Text("user") ?? "", [.. spec.Array("groups").Texts()]);
        var decision = authorizer.Decide(user, path is not null
            ? new AccessRequest { Verb = path.Text("verb") ?? "", Path = path.Text("path") ?? "" }
            : new AccessRequest
            {
                Verb = resource.Text("verb") ?? "",
                Group = resource.Text("group") ?? "",
                Version = resource.Text("version") ?? "",
                Resource = resource.Text("resource") ?? "",
                Subresource = resource.Text("subresource") ?? "",
                Namespace = resource.Text("namespace") ?? "",
                Name = resource.Text("name") ?? "",
            });
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        return status;
    }

    static JsonNode ShowResource(PolicyRule rule)
    {
        var shown = new JsonObject { ["verbs"] = List(rule.Verbs), ["apiGroups"] = List(rule.ApiGroups), ["resources"] = List(rule.Resources) };
        if (rule.ResourceNames.Count > 0)
        {
            shown["resourceNames"] = List(rule.ResourceNames);
        }

        return shown;
    }

    static JsonObject Show(ApiUser user)
    {
        var shown = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            shown["uid"] = user.Uid;
        }

        shown["groups"] = List(user.Groups);
        if (user.Extra.Count > 0)
        {
            shown["extra"] = new JsonObject(user.Extra.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)List(pair.Value))));
        }

        return shown;
    }

    static JsonArray List(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
