using System.Text.Json;
using System.Text.Json.Serialization;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>What goes wrong with a request.</summary>
enum ApiFaultKind
{
    /// <summary>It is answered with an error, and not carried out.</summary>
    Fail,

    /// <summary>It is answered late.</summary>
    Slow,

    /// <summary>The connection breaks: before the request is carried out, or after, so that the client cannot know.</summary>
    Cut,

    /// <summary>Watches break.</summary>
    Drop,

    /// <summary>Watches stay open and say nothing.</summary>
    Silence,

    /// <summary>The cache that serves watches and reads with <c>resourceVersion=0</c> falls behind; other reads are fresh.</summary>
    Stale,
}

/// <summary>Trouble of the API server, as a client asks for it: which requests, what happens to them, and until when.</summary>
sealed record ApiFault
{
    static readonly int[] Codes = [409, 429, 500, 503];

    public required ApiFaultKind Kind { get; init; }

    // From here on with setters: what is only initialised loses its default when JSON leaves it out.

    /// <summary>None: all.</summary>
    public IReadOnlyList<string> Verbs { get; set; } = [];

    /// <summary>Plurals, with a part if it is meant: <c>pods</c>, <c>pods/status</c>, <c>redisclusters</c>. None: all.</summary>
    public IReadOnlyList<string> Resources { get; set; } = [];

    /// <summary>None: all, and what is in no namespace.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>Names of users. None: all.</summary>
    public IReadOnlyList<string> Users { get; set; } = [];

    /// <summary>Which part of the matching requests is hit, by chance; 1: all.</summary>
    public double Share { get; set; } = 1;

    /// <summary>It ends when so many requests were hit; null: no such bound.</summary>
    public int? Count { get; set; }

    /// <summary>It ends after so long. At most an hour.</summary>
    public double Seconds { get; set; } = 60;

    /// <summary>Of <see cref="ApiFaultKind.Fail"/>: 409 (writes to objects that exist only), 429, 500 or 503.</summary>
    public int Code { get; set; } = 500;

    /// <summary>With 429 and 503: when the client may come again.</summary>
    public int? RetryAfterSeconds { get; set; }

    /// <summary>Of <see cref="ApiFaultKind.Slow"/>: by how much.</summary>
    public int Milliseconds { get; set; } = 1000;

    /// <summary>Of <see cref="ApiFaultKind.Cut"/>: after the request took effect.</summary>
    public bool After { get; set; }

    /// <summary>Of <see cref="ApiFaultKind.Drop"/>: how old a watch gets.</summary>
    public double EverySeconds { get; set; }

    /// <summary>Of <see cref="ApiFaultKind.Stale"/>: how far the cache falls behind.</summary>
    public double BehindSeconds { get; set; } = 5;

    bool HitsWatches => Kind is ApiFaultKind.Drop or ApiFaultKind.Silence;

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: which field is wrong, and what it can be.</exception>
    public static ApiFault Read(System.Text.Json.Nodes.JsonNode? body)
    {
        ApiFault fault;
        try
        {
            fault = body.Deserialize(ApiFaultJson.Default.ApiFault) ?? throw ApiError.BadRequest("which fault? The body is empty");
        }
        catch (JsonException e)
        {
            throw ApiError.BadRequest($"{e.Message} kind is one of fail, slow, cut, drop, silence and stale; the other fields are verbs, resources, namespaces, users, share, count, seconds, code, retryAfterSeconds, milliseconds, after, everySeconds and behindSeconds.");
        }

        Require(fault.Share is > 0 and <= 1, $"share: {fault.Share} is not above 0 and at most 1");
        Require(fault.Count is null or > 0, $"count: {fault.Count} is not above 0");
        Require(fault.Seconds is > 0 and <= 3600, $"seconds: {fault.Seconds} is not above 0 and at most 3600");
        Require(Codes.Contains(fault.Code), $"code: {fault.Code} is none of 409, 429, 500 and 503");
        Require(fault.Milliseconds is > 0 and <= 600_000, $"milliseconds: {fault.Milliseconds} is not above 0 and at most 600000");
        Require(fault.EverySeconds is >= 0 and <= 3600, $"everySeconds: {fault.EverySeconds} is not between 0 and 3600");
        Require(fault.BehindSeconds is > 0 and <= 600, $"behindSeconds: {fault.BehindSeconds} is not above 0 and at most 600");
        return fault;

        static void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw ApiError.BadRequest(otherwise);
            }
        }
    }

    /// <summary>Whether it is about such requests. Trouble itself can always be asked for and ended.</summary>
    public bool Matches(ApiUser user, AccessRequest request) =>
        request.Path is null
        && (!HitsWatches || request.Verb == "watch")
        && (Kind is not ApiFaultKind.Stale || request.Verb is "get" or "list" or "watch")
        && (Kind is not ApiFaultKind.Fail || Code != 409 || request.Verb is "update" or "patch" or "delete")
        && Has(Verbs, request.Verb)
        && (Has(Resources, request.CombinedResource) || (request.Group.Length > 0 && Resources.Contains($"{request.Resource}.{request.Group}")))
        && Has(Namespaces, request.Namespace)
        && Has(Users, user.Name);

    static bool Has(IReadOnlyList<string> wanted, string value) => wanted.Count == 0 || wanted.Contains(value);
}

[JsonSerializable(typeof(ApiFault))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
sealed partial class ApiFaultJson : JsonSerializerContext;
