using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>How a program that ran in a container ended.</summary>
/// <param name="Status">The <c>Status</c> that the last channel carries.</param>
public sealed record ExecOutcome(string Output, string Errors, JsonObject Status)
{
    /// <summary>The program's exit code; fails the case when there is none.</summary>
    public int Code => (string?)Status["status"] == "Success" ? 0
        : Status["details"]?["causes"]?.AsArray().FirstOrDefault(cause => (string?)cause!["reason"] == "ExitCode") is { } cause ? int.Parse((string)cause["message"]!, System.Globalization.CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"no exit code: {this}");
}

/// <summary>A program in a container, over the WebSocket channels that kubectl uses (k8s.io/apimachinery/pkg/util/remotecommand).</summary>
public sealed class ExecSession(WebSocket socket) : IAsyncDisposable
{
    public const string V4 = "v4.channel.k8s.io";
    public const string V5 = "v5.channel.k8s.io";

    const byte Input = 0;
    const byte Output = 1;
    const byte Errors = 2;
    const byte Status = 3;
    const byte Resize = 4;
    const byte Close = 255;

    public string? Protocol => socket.SubProtocol;

    public static async Task<ExecSession> StartAsync(ApiClient api, string path, string query, string protocol, params IEnumerable<string> command)
    {
        var arguments = string.Concat(command.Select(argument => $"&command={Uri.EscapeDataString(argument)}"));
        return new ExecSession(await api.OpenAsync($"{path}/exec?{query}{arguments}", protocol));
    }

    public Task WriteAsync(string text) => SendAsync([Input, .. Encoding.UTF8.GetBytes(text)]);

    /// <summary>The end of the input; version 5 only.</summary>
    public Task CloseInputAsync() => SendAsync([Close, Input]);

    public Task ResizeAsync(int width, int height) => SendAsync([Resize, .. Encoding.UTF8.GetBytes($"{{\"Width\":{width},\"Height\":{height}}}")]);

    /// <summary>Reads until its end, for a minute at most.</summary>
    public async Task<ExecOutcome> FinishAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var channels = new Dictionary<byte, MemoryStream> { [Output] = new(), [Errors] = new(), [Status] = new() };
        var buffer = new byte[64 * 1024];
        byte? channel = null;
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), late.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                break;
            }

            var content = buffer.AsMemory(0, part.Count);
            if (channel is null && part.Count > 0)
            {
                channel = content.Span[0];
                content = content[1..];
            }

            channels[channel ?? Output].Write(content.Span);
            channel = part.EndOfMessage ? null : channel;
        }

        var status = Text(Status);
        Assert.True(status.Length > 0, $"no status: {Text(Output)} {Text(Errors)}");
        return new ExecOutcome(Text(Output), Text(Errors), JsonNode.Parse(status)!.AsObject());

        string Text(byte number) => Encoding.UTF8.GetString(channels[number].ToArray());
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    Task SendAsync(byte[] message) => socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
}
