using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>What a controller stamps its pods from.</summary>
[JsonConverter(typeof(V1PodTemplateSpecConverter))]
public sealed record V1PodTemplateSpec
{
    public V1ObjectMeta? Metadata { get; init; }

    public V1PodSpec? Spec { get; init; }

    /// <summary>
    /// All of it, with the fields that these models do not know, which users may set all the same. Where it is there, it alone is written: a copy with another
    /// <see cref="Metadata"/> or <see cref="Spec"/> has to change it too. Null in a template that has nothing but known fields.
    /// </summary>
    public JsonObject? Whole { get; init; }
}

/// <summary>Reads and writes templates without losing what the models do not know.</summary>
sealed class V1PodTemplateSpecConverter : JsonConverter<V1PodTemplateSpec>
{
    public override V1PodTemplateSpec? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNode.Parse(ref reader) is not JsonObject whole ? null : new V1PodTemplateSpec
        {
            Metadata = whole["metadata"].Deserialize(KubernetesJson.Default.V1ObjectMeta),
            Spec = whole["spec"].Deserialize(KubernetesJson.Default.V1PodSpec),
            Whole = whole,
        };

    public override void Write(Utf8JsonWriter writer, V1PodTemplateSpec value, JsonSerializerOptions options)
    {
        if (value.Whole is { } whole)
        {
            whole.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        if (value.Metadata is { } metadata)
        {
            writer.WritePropertyName("metadata");
            JsonSerializer.Serialize(writer, metadata, KubernetesJson.Default.V1ObjectMeta);
        }

        if (value.Spec is { } spec)
        {
            writer.WritePropertyName("spec");
            JsonSerializer.Serialize(writer, spec, KubernetesJson.Default.V1PodSpec);
        }

        writer.WriteEndObject();
    }
}
