using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Discovery;
using Slotwise.LocalKubernetes.Api.Faults;
using Slotwise.LocalKubernetes.Api.OpenApi;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.LocalKubernetes.Api.Resources;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.LocalKubernetes.Api.Security.Reviews;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>Finds who is meant by a request, who sent it, and whether he may.</summary>
sealed partial class ApiRequests(Store store, Authentication authentication, IAuthorizer authorizer, ServiceAccountTokens tokens, TokenKey key, ApiFaults trouble, IPodLogs? logs, IPodFaults? faults, IHostFaults? hostFaults, IPodPrograms? programs, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    readonly ResourceRequests _resources = new(store, time);
    readonly WatchRequests _watches = new(store, time, stopping);
    readonly ScaleRequests _scales = new(store);
    readonly EvictionRequests _evictions = new(store, time);
    readonly PodRequests _pods = new(store, logs, time);
    readonly FaultRequests _faults = new(store, faults);
    readonly HostFaultRequests _hostFaults = new(hostFaults);
    readonly FaultyRequests _faultyRequests = new(trouble, time);
    readonly FaultDocuments _faultDocuments = new(trouble);
    readonly RequestGate _gate = new(authentication, authorizer);
    readonly ReviewRequests _reviews = new(authentication, authorizer, time);
    readonly TokenRequests _tokens = new(store, tokens, time);
    readonly ExecRequests _programs = new(store, programs);
    readonly OpenApiDocuments _openApi = new(store.Kinds);

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (KubernetesApiException refusal) when (!context.Response.HasStarted)
        {
            await Answer.RefusalAsync(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            LogFailure(e, context.Request.Method, context.Request.Path);
            await Answer.RefusalAsync(context, ApiError.Of(System.Net.HttpStatusCode.InternalServerError, "InternalError", $"Internal error occurred: {e.Message}", null));
        }
    }

    Task AnswerAsync(HttpContext context)
    {
        var caller = _gate.Admit(context);
        var path = context.Request.Path.Value ?? "/";
        return FaultDocuments.Serves(path)
            ? _faultDocuments.AnswerAsync(context, path)
            : _faultyRequests.RunAsync(context, caller, () => CarryOutAsync(context, path));
    }

    Task CarryOutAsync(HttpContext context, string path)
    {
        return HealthRequests.TryAnswer(context, path) ?? path.TrimEnd('/') switch
        {
            "" => Answer.JsonAsync(context, new JsonObject { ["paths"] = new JsonArray("/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version") }),
            "/version" => Answer.JsonAsync(context, ServerVersion.Document()),
            "/.well-known/openid-configuration" => Answer.JsonAsync(context, IssuerDocuments.Configuration(context.Request.Host.Value ?? "")),
            "/openid/v1/jwks" => Answer.JsonAsync(context, IssuerDocuments.Keys(key), contentType: "application/jwk-set+json"),
            "/api" or "/apis" => DiscoverAsync(context, path.TrimEnd('/') == "/api"),
            "/openapi/v3" => Answer.JsonAsync(context, _openApi.Index()),
            "/openapi/v2" => OpenApiV2Async(context),
            _ when path.StartsWith("/openapi/v3/", StringComparison.Ordinal) => Answer.BytesAsync(context, _openApi.Document(path["/openapi/v3/".Length..]) ?? throw NoSuchPath()),
            _ => ResourceAsync(context, path),
        };
    }

    Task DiscoverAsync(HttpContext context, bool core)
    {
        if (AcceptedForm.AggregatedDiscovery(context.Request) is { } version)
        {
            return Answer.JsonAsync(
                context,
                DiscoveryDocuments.Aggregated(store.Kinds, core, version),
                contentType: $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
        }

        return Answer.JsonAsync(context, core
            ? DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? "")
            : DiscoveryDocuments.Groups(store.Kinds));
    }

    Task OpenApiV2Async(HttpContext context) => context.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal)
        ? Answer.BytesAsync(context, OpenApiV2.Document(store.Kinds), contentType: OpenApiV2.ContentType)
        : throw ApiError.NotImplemented("OpenAPI v2 is served only in protobuf and without schemas: use /openapi/v3");

    Task ResourceAsync(HttpContext context, string path)
    {
        if (DocumentOf(path) is { } document)
        {
            return Answer.JsonAsync(context, document);
        }

        var target = ApiPath.Parse(path);
        if (target is null || !store.Kinds.All.Any(one => one.Kind.Group == target.Group))
        {
            return target is not null && UnbuiltKinds.Contains(target.Group, target.Plural) ? throw NoSuchKind(target) : Answer.NoPageAsync(context);
        }

        var kind = store.Kinds.Find(target.Group, target.Version, target.Plural) ?? throw NoSuchKind(target);
        if (target.Namespace is not null && !kind.Kind.Namespaced)
        {
            throw NoSuchPath();
        }

        var verb = VerbOf(context.Request, target);
        if (!kind.Verbs.Contains(verb))
        {
            throw kind.Verbs is ["create"] && target.Name is not null ? NoSuchPath() : NoSuchMethod();
        }

        return target.Subresource is { } part ? PartAsync(context, kind, target, part) : verb switch
        {
            "get" => _resources.GetAsync(context, kind, target),
            "list" => _resources.ListAsync(context, kind, target),
            "watch" => _watches.WatchAsync(context, kind, target),
            "create" when kind.Verbs is ["create"] => _reviews.CreateAsync(context, kind, target),
            "create" when target.Name is null => CreateAsync(context, kind, target),
            "update" when target.Name is not null => _resources.UpdateAsync(context, kind, target),
            "patch" when target.Name is not null => _resources.PatchAsync(context, kind, target),
            "delete" => _resources.DeleteAsync(context, kind, target),
            "deletecollection" => _resources.DeleteAllAsync(context, kind, target),
            _ => throw NoSuchMethod(),
        };
    }

    async Task CreateAsync(HttpContext context, ResourceKind kind, ApiPath target)
    {
        if (kind is { IsCustom: false, Kind.Plural: "pods" })
        {
            await DefaultAccount.AwaitAsync(store, target.Namespace ?? "", time, context.RequestAborted);
        }

        await _resources.CreateAsync(context, kind, target);
    }

    Task PartAsync(HttpContext context, ResourceKind kind, ApiPath target, string part)
    {
        var method = context.Request.Method;
        var isPod = kind is { IsCustom: false, Kind.Plural: "pods" };
        return (part, method) switch
        {
            ("status", "GET") when kind.HasStatus => _resources.GetAsync(context, kind, target),
            ("status", "PUT") when kind.HasStatus => _resources.UpdateAsync(context, kind, target),
            ("status", "PATCH") when kind.HasStatus => _resources.PatchAsync(context, kind, target),
            ("finalize", "PUT") when kind is { IsCustom: false, Kind.Plural: "namespaces" } => _resources.UpdateAsync(context, kind, target),
            ("scale", "GET") when kind.Scale is not null => _scales.GetAsync(context, kind, target),
            ("scale", "PUT" or "PATCH") when kind.Scale is not null => _scales.WriteAsync(context, kind, target),
            ("log", "GET") when isPod => _pods.LogAsync(context, target),
            ("eviction", "POST") when isPod => _evictions.EvictAsync(context, target),
            ("binding", "POST") when isPod => _pods.BindAsync(context, target),
            (FaultRequests.Part, "PATCH") when isPod => _faults.PatchAsync(context, kind, target),
            (FaultRequests.Part, "PATCH") when kind is { IsCustom: false, Kind.Plural: "nodes" } => _hostFaults.PatchAsync(context, target),
            ("exec", "GET" or "POST") when isPod => _programs.ExecAsync(context, target),
            ("attach" or "portforward" or "proxy" or "ephemeralcontainers" or "resize", _) when isPod =>
                throw ApiError.NotImplemented($"localkube does not have pods/{part}: the containers are processes of this machine and can be reached by their address"),
            ("token", "POST") when kind is { IsCustom: false, Kind.Plural: "serviceaccounts" } => _tokens.CreateAsync(context, target),
            _ => throw NoSuchPath(),
        };
    }

    JsonObject? DocumentOf(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", var version] => DiscoveryDocuments.Resources(store.Kinds, "", version),
        ["apis", var group] => DiscoveryDocuments.GroupOrNull(store.Kinds, group),
        ["apis", var group, var version] => DiscoveryDocuments.Resources(store.Kinds, group, version),
        _ => null,
    };

    static string VerbOf(HttpRequest request, ApiPath path) => request.Method switch
    {
        "GET" or "HEAD" when WriteQuery.IsTrue(request, "watch") => "watch",
        "GET" or "HEAD" => path.Name is null ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => path.Name is null ? "deletecollection" : "delete",
        var other => other.ToLowerInvariant(),
    };

    static KubernetesApiException NoSuchKind(ApiPath path) => UnbuiltKinds.Contains(path.Group, path.Plural)
        ? ApiError.NotImplemented($"localkube has no {path.Plural}{(path.Group.Length == 0 ? "" : $".{path.Group}")}: Kubernetes has")
        : NoSuchPath();

    static KubernetesApiException NoSuchMethod() => ApiError.MethodNotAllowed("the server does not allow this method on the requested resource");

    static KubernetesApiException NoSuchPath() =>
        ApiError.Of(System.Net.HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource", new V1StatusDetails());

    [LoggerMessage(Level = LogLevel.Error, Message = "Could not answer {Method} {Path}")]
    partial void LogFailure(Exception exception, string method, string? path);
}
