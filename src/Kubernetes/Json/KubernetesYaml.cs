using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Slotwise.Kubernetes.Json;

/// <summary>YAML as Kubernetes reads and writes it: another spelling of JSON.</summary>
public static class KubernetesYaml
{
    /// <summary>How many nodes a stream may have once its aliases are expanded; against documents that explode ("billion laughs").</summary>
    const int MaxNodes = 1_000_000;

    const int MaxDepth = 200;

    /// <summary>Every document of a stream; empty ones are left out.</summary>
    /// <exception cref="KubernetesYamlException">The text is not YAML, or has no JSON form.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException exception)
        {
            throw new KubernetesYamlException($"line {exception.Start.Line}, column {exception.Start.Column}: {exception.Message}", exception);
        }

        var budget = MaxNodes;
        return [.. stream.Documents.Select(document => ToJson(document.RootNode, 0, ref budget)).OfType<JsonNode>()];
    }

    /// <summary>The one document of a text; null when it is empty.</summary>
    /// <exception cref="KubernetesYamlException">The text is not YAML, has no JSON form or holds several documents.</exception>
    public static JsonNode? Read(string yaml)
    {
        var documents = ReadAll(yaml);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0],
            _ => throw new KubernetesYamlException($"one document is expected here, and there are {documents.Count}"),
        };
    }

    /// <summary>Block style, two spaces, quotes only where a text would be read as something else.</summary>
    public static string Write(JsonNode? node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    static JsonNode? ToJson(YamlNode node, int depth, ref int budget)
    {
        if (--budget < 0 || depth > MaxDepth)
        {
            throw new KubernetesYamlException($"line {node.Start.Line}: the document is larger than {MaxNodes} nodes or deeper than {MaxDepth} levels");
        }

        return node switch
        {
            YamlMappingNode mapping => ToObject(mapping, depth, ref budget),
            YamlSequenceNode sequence => ToArray(sequence, depth, ref budget),
            YamlScalarNode scalar => ToValue(scalar),
            _ => throw new KubernetesYamlException($"line {node.Start.Line}: {node.NodeType} has no JSON form"),
        };
    }

    static JsonArray ToArray(YamlSequenceNode sequence, int depth, ref int budget)
    {
        var array = new JsonArray();
        foreach (var child in sequence.Children)
        {
            array.Add(ToJson(child, depth + 1, ref budget));
        }

        return array;
    }

    static JsonObject ToObject(YamlMappingNode mapping, int depth, ref int budget)
    {
        var result = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name } scalar)
            {
                throw new KubernetesYamlException($"line {key.Start.Line}: a key must be a text");
            }

            if (name != "<<" || scalar.Style != ScalarStyle.Plain)
            {
                result[name] = ToJson(value, depth + 1, ref budget);
            }
        }

        if (mapping.Children.TryGetValue(new YamlScalarNode("<<"), out var merged))
        {
            Merge(result, merged, depth, ref budget);
        }

        return result;
    }

    /// <summary>A merge key gives only what the mapping itself, or an earlier one of the list, does not.</summary>
    static void Merge(JsonObject target, YamlNode merged, int depth, ref int budget)
    {
        foreach (var source in merged is YamlSequenceNode sequence ? sequence.Children : [merged])
        {
            if (ToJson(source, depth + 1, ref budget) is not JsonObject fields)
            {
                throw new KubernetesYamlException($"line {source.Start.Line}: only a mapping can be merged");
            }

            foreach (var (name, value) in fields)
            {
                if (!target.ContainsKey(name))
                {
                    target[name] = value?.DeepClone();
                }
            }
        }
    }

    static JsonNode? ToValue(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        var isText = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)
            || (!scalar.Tag.IsEmpty && scalar.Tag.Value is "!" or "tag:yaml.org,2002:str" or "tag:yaml.org,2002:binary");
        try
        {
            return isText ? JsonValue.Create(text) : YamlScalar.Read(text);
        }
        catch (KubernetesYamlException exception)
        {
            throw new KubernetesYamlException($"line {scalar.Start.Line}, column {scalar.Start.Column}: {exception.Message}", exception);
        }
    }

    static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart(null, null, true, fields.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in fields)
                {
                    EmitText(emitter, name, isKey: true);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(null, null, true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitText(emitter, value.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    static void EmitText(Emitter emitter, string text, bool isKey = false)
    {
        var style = text.Any(c => char.IsControl(c) && c != '\n') || text.AsSpan().ContainsAny('\u2028', '\u2029', '\uFEFF') ? ScalarStyle.DoubleQuoted
            : text.Contains('\n', StringComparison.Ordinal) ? (isKey || text[0] is ' ' or '\n' ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal)
            : YamlScalar.IsPlainText(text) ? ScalarStyle.Any
            : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(null, null, text, style, isPlainImplicit: style == ScalarStyle.Any, isQuotedImplicit: true));
    }
}
