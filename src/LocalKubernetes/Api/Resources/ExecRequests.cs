using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Api.Requests;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>Programs in containers, over WebSockets: each message begins with the number of its channel (k8s.io/apimachinery/pkg/util/remotecommand).</summary>
sealed class ExecRequests(Store store, IPodPrograms? programs)
{
    const byte Input = 0;
    const byte Output = 1;
    const byte Errors = 2;
    const byte Outcome = 3;
    const byte Size = 4;
    const byte Close = 255;

    /// <summary>Version 5 can say that a stream ends.</summary>
    static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    ResourceKind Pods => store.Kinds.Find("", "v1", "pods")!;

    public async Task ExecAsync(HttpContext context, ApiPath path)
    {
        var pod = store.Get(Pods, path.Namespace, path.Name!).Json;
        var container = ChooseContainer.Of(pod, WriteQuery.Text(context.Request, "container"));
        var command = context.Request.Query["command"].OfType<string>().ToList();
        if (command.Count == 0)
        {
            throw ApiError.BadRequest("you must specify at least one command for the container");
        }

        if (programs is null)
        {
            throw ApiError.NotImplemented("this server runs no pods: nothing can be executed in them");
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw context.Request.Headers.Upgrade.ToString().Contains("SPDY", StringComparison.OrdinalIgnoreCase)
                ? ApiError.NotImplemented("localkube speaks to kubectl exec over WebSockets only, not over SPDY: use kubectl 1.31 or newer")
                : ApiError.BadRequest("Upgrade request required");
        }

        var protocol = Array.Find(Protocols, context.WebSockets.WebSocketRequestedProtocols.Contains)
            ?? throw ApiError.BadRequest($"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', context.WebSockets.WebSocketRequestedProtocols)}], server accepts [{string.Join(' ', Protocols)}]");
        var query = new PodProgramRequest(Meta.Uid(pod), container, command, WriteQuery.IsTrue(context.Request, "stdin"), WriteQuery.IsTrue(context.Request, "tty"));
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        try
        {
            var status = await RunAsync(programs, query, socket, context.RequestAborted);
            await SendAsync(socket, Outcome, JsonSerializer.SerializeToUtf8Bytes(status), context.RequestAborted);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // whoever asked is gone
        }
    }

    static async Task<JsonObject> RunAsync(IPodPrograms programs, PodProgramRequest request, WebSocket socket, CancellationToken cancellationToken)
    {
        IPodProgram program;
        try
        {
            program = programs.Start(request);
        }
        catch (KubernetesApiException refusal)
        {
            return Answer.StatusOf(refusal).AsObject();
        }

        await using (program)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var input = PassInputAsync(program, socket, ended);
            await foreach (var (stream, bytes) in program.ReadAsync(ended.Token))
            {
                await SendAsync(socket, stream == PodProgramStream.Output ? Output : Errors, bytes, ended.Token);
            }

            var code = await program.Exit.WaitAsync(ended.Token);
            return code == 0 ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" } : ExitStatus(code);
        }
    }

    static JsonObject ExitStatus(int code)
    {
        var number = code.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: exit status {number}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = number }) },
        };
    }

    /// <summary>Reads until the client goes, which ends the program.</summary>
    static async Task PassInputAsync(IPodProgram program, WebSocket socket, CancellationTokenSource ended)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            var message = new ArrayBufferWriter<byte>();
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), ended.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                message.Write(buffer.AsSpan(0, part.Count));
                if (part.EndOfMessage && message.WrittenCount > 0)
                {
                    await TakeAsync(program, message.WrittenMemory, ended.Token);
                    message.Clear();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // the same as a client that goes
        }

        if (socket.State != WebSocketState.Closed)
        {
            await CancelAsync(ended);
        }
    }

    static async Task CancelAsync(CancellationTokenSource ended)
    {
        try
        {
            await ended.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // the program had ended
        }
    }

    static Task TakeAsync(IPodProgram program, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        switch (message.Span[0])
        {
            case Input:
                return program.WriteAsync(message[1..], cancellationToken);
            case Close when message.Length == 2 && message.Span[1] == Input:
                program.CloseInput();
                break;
            case Size when JsonNode.Parse(message.Span[1..]) is JsonObject size:
                program.Resize((int?)size["Width"] ?? 0, (int?)size["Height"] ?? 0);
                break;
        }

        return Task.CompletedTask;
    }

    static Task SendAsync(WebSocket socket, byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = channel;
        bytes.CopyTo(message.AsMemory(1));
        return socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }
}
