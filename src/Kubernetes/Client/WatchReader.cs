using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Client;

/// <summary>Reads the events of a watch: one JSON object a line, cut into pieces wherever the network likes.</summary>
static partial class WatchReader
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(Stream stream, ILogger logger, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        var pipe = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var result = await pipe.ReadAsync(cancellationToken);
                var buffer = result.Buffer;
                while (TryTakeLine(ref buffer, result.IsCompleted, out var line))
                {
                    if (ReadEvent<T>(line, logger) is { } change)
                    {
                        yield return change;
                    }
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>At the end of the stream the last line needs no line feed; if it was cut off, reading it fails, and so does the watch.</summary>
    static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool atEnd, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = buffer;
        if (!atEnd || buffer.IsEmpty)
        {
            return false;
        }

        buffer = buffer.Slice(buffer.End);
        return true;
    }

    static WatchEvent<T>? ReadEvent<T>(ReadOnlySequence<byte> line, ILogger logger)
        where T : class, IKubernetesObject<T>
    {
        if (line.IsEmpty || (line.Length == 1 && line.FirstSpan[0] == (byte)'\r'))
        {
            return null;
        }

        var reader = new Utf8JsonReader(line);
        var type = PeekType(reader);
        if (!MoveToObject(ref reader))
        {
            throw new JsonException("a watch event has no object");
        }

        switch (type)
        {
            case "ADDED":
                return ReadChange<T>(WatchEventType.Added, ref reader);
            case "MODIFIED":
                return ReadChange<T>(WatchEventType.Modified, ref reader);
            case "DELETED":
                return ReadChange<T>(WatchEventType.Deleted, ref reader);
            case "BOOKMARK":
                var mark = JsonSerializer.Deserialize(ref reader, KubernetesJson.Default.V1Namespace); // any kind will do to read metadata
                return new WatchEvent<T>(WatchEventType.Bookmark, null, mark?.Metadata.ResourceVersion ?? "");
            case "ERROR":
                throw StatusReader.OfEvent(JsonSerializer.Deserialize(ref reader, KubernetesJson.Default.V1Status));
            default:
                LogUnknownType(logger, type, typeof(T).Name);
                return null;
        }
    }

    static WatchEvent<T> ReadChange<T>(WatchEventType type, ref Utf8JsonReader reader)
        where T : class, IKubernetesObject<T>
    {
        var changed = JsonSerializer.Deserialize(ref reader, T.JsonTypeInfo) ?? throw new JsonException("a watch event has no object");
        return new WatchEvent<T>(type, changed, changed.Metadata.ResourceVersion ?? "");
    }

    /// <summary>Finds the type without reading the object twice: servers write it first.</summary>
    static string? PeekType(Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                return reader.GetString();
            }

            reader.Skip();
        }

        return null;
    }

    static bool MoveToObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isObject)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Skipped a watch event of unknown type {Type} for {Kind}")]
    static partial void LogUnknownType(ILogger logger, string? type, string kind);
}
