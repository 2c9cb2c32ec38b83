using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Validation;

/// <summary>Checks the ranges that stand at the fields as attributes, from which the schema has them too.</summary>
static class FieldRanges
{
    static readonly ConcurrentDictionary<Type, IReadOnlyList<Field>> Fields = new();

    public static IEnumerable<FieldError> Check(string path, object value)
    {
        foreach (var field in Fields.GetOrAdd(value.GetType(), ReadFields))
        {
            var fieldPath = $"{path}.{field.Name}";
            switch (field.Property.GetValue(value))
            {
                case null:
                    break;
                case var part when IsOurs(part.GetType()):
                    foreach (var error in Check(fieldPath, part))
                    {
                        yield return error;
                    }

                    break;
                case var part:
                    foreach (var remedy in field.Limits.Select(limit => Remedy(limit, part)).OfType<string>())
                    {
                        yield return new FieldError(fieldPath, Text(part), remedy);
                    }

                    foreach (var error in Items(fieldPath, part).Concat(Values(fieldPath, part, field.Values)))
                    {
                        yield return error;
                    }

                    break;
            }
        }
    }

    static IEnumerable<FieldError> Items(string path, object value) =>
        value is IEnumerable items and not string
            ? items.Cast<object>().Select((item, index) => (item, index)).Where(x => IsOurs(x.item.GetType())).SelectMany(x => Check($"{path}[{x.index}]", x.item))
            : [];

    static IEnumerable<FieldError> Values(string path, object map, MapValuesAttribute? limit) =>
        limit is null || map is not IReadOnlyDictionary<string, IntOrString> values
            ? []
            : values.Where(value => value.Value.ToString().Length > limit.MaximumLength || !Matches(value.Value.ToString(), limit.Pattern))
                .OrderBy(value => value.Key, StringComparer.Ordinal)
                .Select(value => new FieldError($"{path}.{value.Key}", "set", $"must have at most {limit.MaximumLength} characters on one line"));

    // .NET's $ also matches before a last line feed, where RE2's does not
    static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, $@"{pattern.TrimEnd('$')}\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    static string? Remedy(ValidationAttribute limit, object value) => limit switch
    {
        RangeAttribute range when Convert.ToInt64(value, CultureInfo.InvariantCulture) is var number && (number < (int)range.Minimum || number > (int)range.Maximum) =>
            $"must be {range.Minimum} to {range.Maximum}",
        StringLengthAttribute length when Text(value).Length < length.MinimumLength || Text(value).Length > length.MaximumLength =>
            $"must have {length.MinimumLength} to {length.MaximumLength} characters",
        RegularExpressionAttribute pattern when !Matches(Text(value), pattern.Pattern) =>
            $"must match {pattern.Pattern}",
        MaxLengthAttribute length when value is IEnumerable items && items.Cast<object>().Count() > length.Length =>
            $"must have at most {length.Length} entries",
        _ => null,
    };

    static string Text(object value) =>
        value is IEnumerable items and not string ? $"{items.Cast<object>().Count()} entries" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    // an array belongs to the assembly of its items
    static bool IsOurs(Type type) => type.Assembly == typeof(RedisCluster).Assembly && type is { IsEnum: false, IsArray: false };

    static IReadOnlyList<Field> ReadFields(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => new Field(JsonNamingPolicy.CamelCase.ConvertName(property.Name), property, [.. property.GetCustomAttributes<ValidationAttribute>()], property.GetCustomAttribute<MapValuesAttribute>())),
    ];

    sealed record Field(string Name, PropertyInfo Property, IReadOnlyList<ValidationAttribute> Limits, MapValuesAttribute? Values);
}
