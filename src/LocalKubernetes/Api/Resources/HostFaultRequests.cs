using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary><c>PATCH nodes/NAME/localkube</c>, which Kubernetes does not have: hosts that lose their power or are cut off.</summary>
sealed class HostFaultRequests(IHostFaults? faults)
{
    public async Task PatchAsync(HttpContext context, ApiPath path)
    {
        if (faults is null)
        {
            throw ApiError.NotImplemented("this server runs no hosts: nothing can happen to them");
        }

        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted) as JsonObject ?? throw ApiError.BadRequest("which fault? The body is empty");
        foreach (var fault in Read(body, path.Name!))
        {
            await faults.InflictAsync(fault, context.RequestAborted);
        }

        // the Node itself may be gone while the host stands there
        await Answer.JsonAsync(context, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = path.Name } });
    }

    static IEnumerable<HostFault> Read(JsonObject body, string host)
    {
        HostFaultBody wanted;
        try
        {
            wanted = body.Deserialize(HostFaultJson.Default.HostFaultBody)!;
        }
        catch (JsonException e)
        {
            throw ApiError.BadRequest($"{e.Message} The fields are power, cut, mend, loss and clock.");
        }

        if (wanted.Mend is { } mend)
        {
            yield return new HostLinkFault(mend, Cut: false) { Host = host };
        }

        if (wanted.Cut is { } cut)
        {
            yield return new HostLinkFault(cut, Cut: true) { Host = host };
        }

        if (wanted.Loss is { } loss)
        {
            yield return loss is >= 0 and <= 100 ? new HostLossFault(loss) { Host = host } : throw ApiError.BadRequest($"loss: {loss} is none of 0 to 100 percent");
        }

        if (wanted.Clock is { } clock)
        {
            yield return new HostClockFault(ReadClock.Offset(clock)) { Host = host };
        }

        if (wanted.Power is { } power)
        {
            yield return new PowerFault(power) { Host = host };
        }
    }
}

/// <summary>What a client sends.</summary>
/// <param name="Power">False: off, at once. True: on again.</param>
/// <param name="Cut">Names of hosts or zones, <c>@hosts</c> for all others, <c>@server</c> for the API server, <c>@machine</c> for the machine.</param>
/// <param name="Mend">The same; none for all.</param>
/// <param name="Loss">Percent.</param>
/// <param name="Clock">How far ahead it is to be: <c>+90s</c>, <c>-1h</c>, <c>0</c>.</param>
sealed record HostFaultBody(bool? Power, IReadOnlyList<string>? Cut, IReadOnlyList<string>? Mend, int? Loss, string? Clock);

[JsonSerializable(typeof(HostFaultBody))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
sealed partial class HostFaultJson : JsonSerializerContext;
