using System.Text.Json.Serialization.Metadata;

namespace Slotwise.ObjectStore.Objects;

/// <summary>One version of one object. Nobody changes <see cref="Json"/>: writers clone it first, readers may share it between threads.</summary>
public sealed class StoredObject(JsonObject json, long resourceVersion)
{
    byte[]? _utf8;
    Reading? _readings;

    public JsonObject Json { get; } = json;

    public long ResourceVersion { get; } = resourceVersion;

    public NamespacedName Key { get; } = new(Meta.Namespace(json), Meta.Name(json));

    /// <summary>How the object was shown last, and as which kind. A definition may change what its objects look like after they were stored.</summary>
    /// <remarks>Readers without the store's lock set it too: kind and view are one reference, so that they always belong together.</remarks>
    internal ShownObject? Shown { get; set; }

    /// <summary>The object as it goes over the wire; written once however many watchers get it.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= JsonSerializer.SerializeToUtf8Bytes<JsonNode>(Json, Compact.Options);

    /// <summary>The object as a model shows it; read once for each model, however many ask.</summary>
    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        for (var reading = _readings; reading is not null; reading = reading.Next)
        {
            if (reading.Model is T known)
            {
                return known;
            }
        }

        var model = JsonSerializer.Deserialize(Utf8.Span, type)!;
        _readings = new Reading(model, _readings);
        return model;
    }

    /// <summary>A list with few members, of which one that is lost to another thread only costs time.</summary>
    sealed record Reading(object Model, Reading? Next);

    static class Compact
    {
        public static readonly JsonSerializerOptions Options = new()
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        };
    }
}

/// <summary>An object as one kind shows it.</summary>
sealed record ShownObject(ResourceKind Kind, StoredObject View);
