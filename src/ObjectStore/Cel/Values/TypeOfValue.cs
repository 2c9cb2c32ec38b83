using Slotwise.ObjectStore.Cel.Types;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Types of values that are there.</summary>
static class TypeOfValue
{
    public static CelType Of(object value) => value switch
    {
        CelNull => CelType.Null,
        bool => CelType.Bool,
        long => CelType.Int,
        ulong => CelType.Uint,
        double => CelType.Double,
        string => CelType.Text,
        CelBytes => CelType.Bytes,
        DateTimeOffset => CelType.Timestamp,
        TimeSpan => CelType.Duration,
        TypeValue => CelType.TypeOf(CelType.Dyn),
        CelList => CelType.ListOf(CelType.Dyn),
        CelMap => CelType.MapOf(CelType.Dyn, CelType.Dyn),
        CelOptional => CelType.OptionalOf(CelType.Dyn),
        CelQuantity => CelType.Quantity,
        Uri => CelType.Url,
        System.Net.IPAddress => CelType.Ip,
        CelCidr => CelType.Cidr,
        NamedFormat => CelType.NamedFormat,
        _ => CelType.Error,
    };

    public static TypeValue Name(object value) => new(Of(value).Name switch { "null" => "null_type", var name => name });

    /// <summary>Whether a value can stand where a type is asked for.</summary>
    public static bool Fits(CelType type, object value)
    {
        switch (type.Kind)
        {
            case TypeKind.Dyn or TypeKind.Variable:
                return true;
            case TypeKind.List:
                // The first element decides between sums of numbers and of durations.
                return value is CelList list && (list.Count == 0 || Fits(type.Parameters[0], list[0]));
            case TypeKind.Map:
                return value is CelMap;
            case TypeKind.Optional:
                return value is CelOptional;
            case TypeKind.Type:
                return value is TypeValue;
            default:
                return Of(value).Name == type.Name;
        }
    }
}
