using System.Globalization;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// Reads the short description of the built-in types. A type begins at the margin with its OpenAPI name; its fields are
/// indented below it: <c>name[!] type [merge] [= default] [enum(a|b)] [min(n)] [max(n)] [omit|keep] [@n] [# description]</c>.
/// </summary>
/// <remarks>
/// A <c>!</c> makes the field required. Types are <c>string int long bool number quantity intstr time bytes any</c>, the name of
/// another type, <c>[]T</c> (a list) or <c>{}T</c> (a map with free keys). A list is atomic unless it says <c>map(key,...)</c> or
/// <c>set</c>; an object or map is merged field by field unless it says <c>atomic</c>. <c>omit</c> leaves a zero out and <c>keep</c>
/// writes an empty text, where the Go type does otherwise than most. <c>@n</c> is the field's number in protobuf, given for the types that kubectl sends that way.
/// </remarks>
sealed class ReadTypes
{
    readonly Dictionary<string, List<string>> _lines = [];
    readonly Dictionary<string, string> _fullNames = [];
    readonly Dictionary<string, string?> _descriptions = [];
    readonly Dictionary<string, Schema> _read = [];

    public ReadTypes(IEnumerable<string> files)
    {
        foreach (var line in files.SelectMany(file => file.Split('\n')))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] != ' ')
            {
                var (name, description) = SplitDescription(line);
                Begin(name.Trim(), description);
            }
            else
            {
                _lines.Last().Value.Add(line.Trim());
            }
        }
    }

    /// <summary>The type of a short name such as <c>Pod</c>.</summary>
    public Schema Type(string name)
    {
        if (!_read.TryGetValue(name, out var schema))
        {
            schema = Read(name);
            _read.Add(name, schema);
        }

        return schema;
    }

    void Begin(string fullName, string? description)
    {
        var name = fullName[(fullName.LastIndexOf('.') + 1)..];
        _lines.Add(name, []);
        _fullNames.Add(name, fullName);
        _descriptions.Add(name, description);
    }

    Schema Read(string name)
    {
        if (!_lines.TryGetValue(name, out var lines))
        {
            throw new InvalidOperationException($"no built-in type is named {name}");
        }

        var properties = new Dictionary<string, Schema>();
        var required = new List<string>();
        foreach (var line in lines)
        {
            var (text, description) = SplitDescription(line);
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var field = words[0].TrimEnd('!');
            if (words[0] != field)
            {
                required.Add(field);
            }

            properties.Add(field, Field(words[1], Modifiers.Of(words.AsSpan(2)), description));
        }

        return new Schema
        {
            Type = SchemaType.Object,
            TypeName = _fullNames[name],
            Description = _descriptions[name],
            Properties = properties,
            Required = required,
        };
    }

    Schema Field(string type, Modifiers with, string? description)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new Schema
            {
                Type = SchemaType.Array,
                Items = Field(type[2..], Modifiers.None, null),
                ListType = with.Keys.Length > 0 ? ListType.Map : with.Set ? ListType.Set : ListType.Atomic,
                ListMapKeys = with.Keys,
                Description = description,
                WireNumber = with.WireNumber,
                MinItems = (int?)with.Minimum,
                // Go marshals an absent slice of a built-in kind as null in places, and clients send it back.
                Nullable = true,
            };
        }

        if (type.StartsWith("{}", StringComparison.Ordinal))
        {
            return new Schema
            {
                Type = SchemaType.Object,
                AdditionalProperties = Field(type[2..], Modifiers.None, null),
                AtomicMap = with.Atomic,
                Description = description,
                WireNumber = with.WireNumber,
                Nullable = true,
            };
        }

        return Scalar(type, with, description) ?? Reference(Type(type), with, description);
    }

    static Schema? Scalar(string type, Modifiers with, string? description)
    {
        var (schemaType, format) = type switch
        {
            "string" => (SchemaType.String, null),
            "int" => (SchemaType.Integer, "int32"),
            "long" => (SchemaType.Integer, "int64"),
            "bool" => (SchemaType.Boolean, null),
            "number" => (SchemaType.Number, "double"),
            "quantity" => (SchemaType.String, "quantity"),
            "time" => (SchemaType.String, "date-time"),
            "bytes" => (SchemaType.String, "byte"),
            "intstr" or "any" => (SchemaType.Any, (string?)null),
            _ => (SchemaType.Object, "reference"),
        };
        return format == "reference" ? null : new Schema
        {
            Type = schemaType,
            Format = format,
            IntOrString = type == "intstr",
            PreserveUnknownFields = type == "any",
            Default = with.Default,
            Enum = with.Enum,
            Minimum = with.Minimum,
            Maximum = with.Maximum,
            Description = description,
            WireNumber = with.WireNumber,
            Zero = with.Zero,
            Nullable = true,
        };
    }

    static Schema Reference(Schema type, Modifiers with, string? description) => new()
    {
        Type = type.Type,
        TypeName = type.TypeName,
        Properties = type.Properties,
        Required = type.Required,
        Description = description ?? type.Description,
        WireNumber = with.WireNumber,
        AtomicMap = with.Atomic,
        Default = with.Default,
        Nullable = true,
    };

    static (string Text, string? Description) SplitDescription(string line)
    {
        var at = line.IndexOf(" # ", StringComparison.Ordinal);
        return at < 0 ? (line, null) : (line[..at], line[(at + 3)..].Trim());
    }

    sealed record Modifiers
    {
        public static readonly Modifiers None = new();

        public JsonNode? Default { get; init; }

        public IReadOnlyList<JsonNode?>? Enum { get; init; }

        public string[] Keys { get; init; } = [];

        public bool Set { get; init; }

        public bool Atomic { get; init; }

        public decimal? Minimum { get; init; }

        public decimal? Maximum { get; init; }

        public int WireNumber { get; init; }

        public ZeroValue Zero { get; init; }

        public static Modifiers Of(ReadOnlySpan<string> words)
        {
            var with = None;
            for (var i = 0; i < words.Length; i++)
            {
                var word = words[i];
                var argument = word.EndsWith(')') ? word[(word.IndexOf('(', StringComparison.Ordinal) + 1)..^1] : "";
                with = word switch
                {
                    "=" => with with { Default = Literal(words[++i]) },
                    "omit" => with with { Zero = ZeroValue.Omitted },
                    "keep" => with with { Zero = ZeroValue.Kept },
                    "set" => with with { Set = true },
                    "atomic" => with with { Atomic = true },
                    _ when word.StartsWith("map(", StringComparison.Ordinal) => with with { Keys = argument.Split(',') },
                    _ when word.StartsWith("enum(", StringComparison.Ordinal) =>
                        with with { Enum = [.. argument.Split('|').Select(one => (JsonNode?)JsonValue.Create(one))] },
                    _ when word.StartsWith("min(", StringComparison.Ordinal) => with with { Minimum = decimal.Parse(argument, CultureInfo.InvariantCulture) },
                    _ when word.StartsWith("max(", StringComparison.Ordinal) => with with { Maximum = decimal.Parse(argument, CultureInfo.InvariantCulture) },
                    _ when word[0] == '@' => with with { WireNumber = int.Parse(word.AsSpan(1), CultureInfo.InvariantCulture) },
                    _ => throw new InvalidOperationException($"\"{word}\" means nothing in the description of a type"),
                };
            }

            return with;
        }

        static JsonNode? Literal(string text) =>
            text is "true" or "false" or "{}" || char.IsAsciiDigit(text[0]) || text[0] == '-' ? JsonNode.Parse(text) : JsonValue.Create(text);
    }
}
