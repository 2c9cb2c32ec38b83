using System.Text.Json;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Client;

/// <summary>Reads a page of any kind with nothing but the item's own type. Items carry no kind; the model's default fills it in.</summary>
static class ListReader
{
    public static KubernetesList<T> Read<T>(ReadOnlySpan<byte> json)
        where T : class, IKubernetesObject<T>
    {
        var reader = new Utf8JsonReader(json);
        var items = new List<T>();
        V1ListMeta? metadata = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a list is not an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                ReadItems(ref reader, items);
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                metadata = JsonSerializer.Deserialize(ref reader, KubernetesJson.Default.V1ListMeta);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new KubernetesList<T>(items, metadata?.ResourceVersion ?? "", string.IsNullOrEmpty(metadata?.Continue) ? null : metadata.Continue);
    }

    static void ReadItems<T>(ref Utf8JsonReader reader, List<T> items)
        where T : class, IKubernetesObject<T>
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return; // an empty Go slice
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("items is not an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(JsonSerializer.Deserialize(ref reader, T.JsonTypeInfo) ?? throw new JsonException("an item is null"));
        }
    }
}
