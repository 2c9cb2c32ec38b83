using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Slotwise.ObjectStore.BuiltIn;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Schemas;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>
/// Reads Kubernetes' protobuf. kubectl sends it, whatever the server says it speaks, where it uses typed clients: <c>create
/// configmap</c>, <c>create secret</c>, <c>create namespace</c>, <c>drain</c>. The fields are found by the numbers that the
/// description of the built-in types gives.
/// </summary>
static class ProtobufBody
{
    static readonly byte[] Magic = [0x6b, 0x38, 0x73, 0x00];

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: not protobuf; 415: a kind or field whose number is not known here.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw ApiError.BadRequest("the body is not Kubernetes' protobuf: it does not begin with k8s\\0");
        }

        string apiVersion = "", kind = "";
        var raw = ReadOnlySpan<byte>.Empty;
        var envelope = new Reader(body[Magic.Length..]);
        while (envelope.Next())
        {
            switch (envelope.Number)
            {
                case 1:
                    var type = new Reader(envelope.Bytes);
                    while (type.Next())
                    {
                        (apiVersion, kind) = type.Number == 1 ? (type.Text, kind) : (apiVersion, type.Text);
                    }

                    break;
                case 2:
                    raw = envelope.Bytes;
                    break;
            }
        }

        var schema = SchemaOf(apiVersion, kind);
        if (schema is null || schema.Properties.Values.All(property => property.WireNumber == 0))
        {
            throw ApiError.UnsupportedMediaType($"localkube does not read {kind} in protobuf: send application/json");
        }

        var obj = Message(schema, raw);
        obj["apiVersion"] = apiVersion;
        obj["kind"] = kind;
        return obj;
    }

    static Schema? SchemaOf(string apiVersion, string kind) =>
        BuiltInKinds.Body(kind) ?? BuiltInKinds.All.FirstOrDefault(one => one.Kind.ApiVersion == apiVersion && one.Kind.Kind == kind)?.Schema;

    static JsonObject Message(Schema schema, ReadOnlySpan<byte> bytes)
    {
        var obj = new JsonObject();
        var reader = new Reader(bytes);
        while (reader.Next())
        {
            var number = reader.Number;
            var (name, field) = schema.Properties.FirstOrDefault(property => property.Value.WireNumber == number);
            if (field is null)
            {
                // An empty message says nothing; Go writes those that are no pointers.
                if (reader.IsBytes && reader.Bytes.IsEmpty)
                {
                    continue;
                }

                throw ApiError.UnsupportedMediaType($"localkube does not know field {number} of {schema.TypeName} in protobuf: send application/json");
            }

            Read(obj, name, field, reader);
        }

        return obj;
    }

    static void Read(JsonObject obj, string name, Schema field, Reader reader)
    {
        if (field is { Type: SchemaType.Array, Items: { } items })
        {
            if (obj[name] is not JsonArray array)
            {
                obj[name] = array = [];
            }

            array.Add(Value(items, reader));
        }
        else if (field is { AdditionalProperties: { } values })
        {
            var entry = new Reader(reader.Bytes);
            var key = "";
            JsonNode? value = values.Format == "byte" || values.Type is SchemaType.String ? "" : null;
            while (entry.Next())
            {
                if (entry.Number == 1)
                {
                    key = entry.Text;
                }
                else
                {
                    value = Value(values, entry);
                }
            }

            obj.Ensure(name)[key] = value;
        }
        else if (Value(field, reader) is { } value && !IsGoZero(field, value))
        {
            obj[name] = value;
        }
    }

    static JsonNode? Value(Schema schema, Reader reader) => schema switch
    {
        { IntOrString: true } => IntOrText(reader.Bytes),
        { Type: SchemaType.Object } => Message(schema, reader.Bytes),
        { Format: "date-time" } => Time(reader.Bytes),
        { Format: "byte" } => Convert.ToBase64String(reader.Bytes),
        { Type: SchemaType.String } => reader.Text,
        { Type: SchemaType.Integer } => (long)reader.Varint,
        { Type: SchemaType.Boolean } => reader.Varint != 0,
        _ => null,
    };

    // Go's generated code writes empty strings and structs of fields that are no pointers; in JSON they are absent.
    static bool IsGoZero(Schema schema, JsonNode value) =>
        (schema.Type is SchemaType.String && value.AsText() is "") || value is JsonObject { Count: 0 };

    static JsonNode IntOrText(ReadOnlySpan<byte> bytes)
    {
        var (isText, number, text) = (false, 0L, "");
        var reader = new Reader(bytes);
        while (reader.Next())
        {
            switch (reader.Number)
            {
                case 1:
                    isText = reader.Varint == 1;
                    break;
                case 2:
                    number = (long)reader.Varint;
                    break;
                case 3:
                    text = reader.Text;
                    break;
            }
        }

        return isText ? text : number;
    }

    static JsonValue? Time(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        while (reader.Next())
        {
            if (reader.Number == 1)
            {
                return JsonValue.Create(Meta.Time(DateTimeOffset.FromUnixTimeSeconds((long)reader.Varint)));
            }
        }

        return null;
    }

    /// <summary>Walks over the fields of one message.</summary>
    ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> _rest = bytes;

        public int Number { get; private set; }

        public bool IsBytes { get; private set; }

        public ulong Varint { get; private set; }

        public ReadOnlySpan<byte> Bytes { get; private set; }

        public readonly string Text => Encoding.UTF8.GetString(Bytes);

        public bool Next()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            var tag = ReadVarint();
            Number = (int)(tag >> 3);
            var wireType = (int)(tag & 7);
            IsBytes = wireType == 2;
            Bytes = default;
            Varint = 0;
            switch (wireType)
            {
                case 0:
                    Varint = ReadVarint();
                    break;
                case 1:
                    Varint = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                    break;
                case 2:
                    Bytes = Take(ReadVarint());
                    break;
                case 5:
                    Varint = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                    break;
                default:
                    throw ApiError.BadRequest($"the body is not protobuf: wire type {wireType.ToString(CultureInfo.InvariantCulture)}");
            }

            return true;
        }

        ulong ReadVarint()
        {
            var value = 0UL;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Take(1)[0];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }

            throw ApiError.BadRequest("the body is not protobuf: a number without end");
        }

        ReadOnlySpan<byte> Take(ulong count)
        {
            if (count > (ulong)_rest.Length)
            {
                throw ApiError.BadRequest("the body is not protobuf: it ends too early");
            }

            var taken = _rest[..(int)count];
            _rest = _rest[(int)count..];
            return taken;
        }
    }
}
