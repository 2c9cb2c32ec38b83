namespace Slotwise.ObjectStore.Cel.Types;

enum TypeKind
{
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    Type,
    List,
    Map,
    Optional,

    /// <summary>With fields that are declared.</summary>
    Object,

    /// <summary>Of a library, known by its name.</summary>
    Opaque,

    /// <summary>To be found out.</summary>
    Variable,
}

/// <summary>A type of the language. See "Values" in the CEL language definition.</summary>
sealed class CelType
{
    public static readonly CelType Dyn = new(TypeKind.Dyn, "dyn");
    public static readonly CelType Error = new(TypeKind.Error, "!error!");
    public static readonly CelType Null = new(TypeKind.Null, "null");
    public static readonly CelType Bool = new(TypeKind.Bool, "bool");
    public static readonly CelType Int = new(TypeKind.Int, "int");
    public static readonly CelType Uint = new(TypeKind.Uint, "uint");
    public static readonly CelType Double = new(TypeKind.Double, "double");
    public static readonly CelType Text = new(TypeKind.Text, "string");
    public static readonly CelType Bytes = new(TypeKind.Bytes, "bytes");
    public static readonly CelType Timestamp = new(TypeKind.Timestamp, "google.protobuf.Timestamp");
    public static readonly CelType Duration = new(TypeKind.Duration, "google.protobuf.Duration");
    public static readonly CelType Quantity = Opaque("kubernetes.Quantity");
    public static readonly CelType Url = Opaque("kubernetes.URL");
    public static readonly CelType Ip = Opaque("net.IP");
    public static readonly CelType Cidr = Opaque("net.CIDR");
    public static readonly CelType NamedFormat = Opaque("kubernetes.NamedFormat");

    CelType(TypeKind kind, string name, params IReadOnlyList<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
    }

    public TypeKind Kind { get; }

    public string Name { get; }

    public IReadOnlyList<CelType> Parameters { get; }

    /// <summary>Of an object, under the names that expressions use.</summary>
    public IReadOnlyDictionary<string, CelType> Fields { get; private init; } = new Dictionary<string, CelType>();

    /// <summary>How many characters or elements there may be at most; for the estimate of costs.</summary>
    public long MaxElements { get; private init; }

    /// <summary>How few bytes a value takes in JSON; for the estimate of costs.</summary>
    public long MinSize { get; private init; }

    public bool IsDyn => Kind is TypeKind.Dyn or TypeKind.Error;

    public static CelType ListOf(CelType element, long maxElements = 0) => new(TypeKind.List, "list", element) { MaxElements = maxElements, MinSize = 2 };

    public static CelType MapOf(CelType key, CelType value, long maxElements = 0) => new(TypeKind.Map, "map", key, value) { MaxElements = maxElements, MinSize = 2 };

    public static CelType OptionalOf(CelType value) => new(TypeKind.Optional, "optional_type", value);

    public static CelType TypeOf(CelType type) => new(TypeKind.Type, "type", type);

    public static CelType Variable(string name) => new(TypeKind.Variable, name);

    public static CelType Object(string name, IReadOnlyDictionary<string, CelType> fields, long minSize) =>
        new(TypeKind.Object, name) { Fields = fields, MinSize = minSize };

    static CelType Opaque(string name) => new(TypeKind.Opaque, name);

    /// <summary>The same type with bounds of its own.</summary>
    public CelType Bounded(long maxElements, long minSize) => new(Kind, Name, Parameters) { Fields = Fields, MaxElements = maxElements, MinSize = minSize };

    public override string ToString() => Kind switch
    {
        TypeKind.List => $"list({Parameters[0]})",
        TypeKind.Map => $"map({Parameters[0]}, {Parameters[1]})",
        TypeKind.Optional => $"optional_type({Parameters[0]})",
        TypeKind.Type => $"type({Parameters[0]})",
        TypeKind.Timestamp => "timestamp",
        TypeKind.Duration => "duration",
        _ => Name,
    };
}
