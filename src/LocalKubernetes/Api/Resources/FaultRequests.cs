using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>
/// <c>PATCH pods/NAME/localkube</c>, the one part of an object that Kubernetes does not have: paused and killed processes, cut links, chosen addresses, wrong clocks.
/// </summary>
sealed class FaultRequests(Store store, IPodFaults? faults)
{
    /// <summary>The part's name.</summary>
    public const string Part = "localkube";

    public async Task PatchAsync(HttpContext context, ResourceKind kind, ApiPath path)
    {
        var pod = store.Get(kind, path.Namespace, path.Name!).Json;
        if (faults is null)
        {
            throw ApiError.NotImplemented("this server runs no pods: nothing can happen to them");
        }

        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("which fault? The body is empty");
        foreach (var fault in Read(body, pod.At("metadata.uid").AsText() ?? "", other => Uid(kind, path.Namespace, other)))
        {
            await faults.InflictAsync(fault, context.RequestAborted);
        }

        await Answer.JsonAsync(context, store.Get(kind, path.Namespace, path.Name!).Json);
    }

    static IEnumerable<PodFault> Read(JsonObject body, string uid, Func<string, string> other)
    {
        FaultBody wanted;
        try
        {
            wanted = body.Deserialize(FaultJson.Default.FaultBody)!;
        }
        catch (JsonException e)
        {
            throw ApiError.BadRequest($"{e.Message} The fields are paused, signal, container, cut, mend, nextAddress and clock.");
        }

        if (wanted.Paused is { } paused)
        {
            yield return new PauseFault(wanted.Container, paused) { PodUid = uid };
        }

        if (wanted.Signal is { } signal)
        {
            yield return signal is >= 1 and <= 31
                ? new SignalFault(wanted.Container, signal) { PodUid = uid }
                : throw ApiError.BadRequest($"signal: {signal} is none of 1 to 31");
        }

        if (wanted.Mend is { } mend)
        {
            yield return new LinkFault([.. mend.Select(other)], Cut: false) { PodUid = uid };
        }

        if (wanted.Cut is { } cut)
        {
            yield return new LinkFault([.. cut.Select(other)], Cut: true) { PodUid = uid };
        }

        if (wanted.NextAddress is { } text)
        {
            yield return IPAddress.TryParse(text, out var address)
                ? new AddressFault(address) { PodUid = uid }
                : throw ApiError.BadRequest($"nextAddress: \"{text}\" is no IP address");
        }

        if (wanted.Clock is { } clock)
        {
            yield return new ClockFault(ReadClock.Offset(clock)) { PodUid = uid };
        }
    }

    string Uid(ResourceKind kind, string? ns, string other)
    {
        if (other is LinkFault.Pods or LinkFault.Host)
        {
            return other;
        }

        var parts = other.Split('/');
        return store.Get(kind, parts.Length == 2 ? parts[0] : ns, parts[^1]).Json.At("metadata.uid").AsText() ?? "";
    }
}

/// <summary>What a client sends.</summary>
/// <param name="Cut">Names of pods, NAMESPACE/NAME for those elsewhere, <c>@pods</c> for all others, <c>@host</c> for the machine.</param>
/// <param name="Mend">The same; none for all.</param>
/// <param name="Clock">How far ahead it is to be: <c>+90s</c>, <c>-1h</c>, <c>0</c>.</param>
sealed record FaultBody(bool? Paused, int? Signal, string? Container, IReadOnlyList<string>? Cut, IReadOnlyList<string>? Mend, string? NextAddress, string? Clock);

[JsonSerializable(typeof(FaultBody))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
sealed partial class FaultJson : JsonSerializerContext;
