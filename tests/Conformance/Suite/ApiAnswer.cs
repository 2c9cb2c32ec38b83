using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.Conformance.Suite;

/// <summary>What the API server answered, also when it refused.</summary>
/// <param name="Request">For messages.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Text">The body.</param>
/// <param name="Headers">Those of the answer; the content's are in <see cref="ContentHeaders"/>.</param>
public sealed record ApiAnswer(string Request, int Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    /// <summary>The body as an object; fails the case when it is none.</summary>
    public JsonObject Body => field ??= Parse();

    /// <summary>The body's <c>reason</c>, as refusals have it.</summary>
    public string Reason => (string?)Body["reason"] ?? "";

    public string Message => (string?)Body["message"] ?? "";

    /// <summary>Of a refusal: field, reason and message of each cause.</summary>
    public IReadOnlyList<(string Field, string Reason, string Message)> Causes =>
        [.. (Body["details"]?["causes"]?.AsArray() ?? []).Select(cause => ((string?)cause!["field"] ?? "", (string?)cause["reason"] ?? "", (string?)cause["message"] ?? ""))];

    /// <summary>Warnings as kubectl prints them, without code and agent.</summary>
    public IReadOnlyList<string> Warnings =>
        Headers.TryGetValues("Warning", out var values) ? [.. values.Select(value => value[(value.IndexOf('"', StringComparison.Ordinal) + 1)..value.LastIndexOf('"')].Replace("\\\"", "\"", StringComparison.Ordinal))] : [];

    /// <summary>Fails the case unless this is the answer's status.</summary>
    /// <returns>The body.</returns>
    public JsonObject Expect(int status)
    {
        Assert.True(Status == status, $"expected {status}: {this}");
        return Body;
    }

    /// <summary>Fails the case unless it is a refusal with this status and reason, told as Kubernetes tells it: in a <c>Status</c> body.</summary>
    public ApiAnswer ExpectRefusal(int status, string reason)
    {
        Expect(status);
        Assert.True(
            (string?)Body["kind"] == "Status" && (string?)Body["apiVersion"] == "v1" && (string?)Body["status"] == "Failure" && (int?)Body["code"] == status && Reason == reason,
            $"expected a Status with reason {reason}: {this}");
        return this;
    }

    public override string ToString() => $"{Request} -> {Status} {Text}";

    JsonObject Parse()
    {
        try
        {
            return JsonNode.Parse(Text)?.AsObject() ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidOperationException($"no JSON object: {this}", e);
        }
    }
}
