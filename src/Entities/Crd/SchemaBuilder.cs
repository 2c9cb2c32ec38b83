using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Slotwise.Entities.Json;
using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Crd;

/// <summary>
/// Builds the structural schema of a type: names as they are serialized, descriptions from the summaries, limits from the attributes, defaults from the
/// initializers, rules from <see cref="RedisClusterRules"/>.
/// </summary>
sealed class SchemaBuilder(Descriptions descriptions)
{
    /// <summary>
    /// What <see cref="Quantity"/> can hold. Kubernetes' own pattern also takes signs and exponents; one such value in one resource would make
    /// the whole list of resources unreadable for the operator.
    /// </summary>
    const string QuantityPattern = "^([0-9]{1,18}|[0-9]{1,10}(\\.[0-9]{1,9})?([numkMGTPE]|[KMGTPE]i)?)$";

    /// <summary>The largest integer that every JSON reader on the way keeps exactly.</summary>
    const long LargestInteger = 9007199254740991;

    /// <param name="type">A record that is serialized as an object.</param>
    /// <param name="path">Where it stands in the resource, such as <c>spec.storage</c>; rules are found by it.</param>
    /// <param name="description">What it is there.</param>
    /// <param name="withDefaults">Whether absent fields are filled in, as in a spec. In a status they would claim what nobody observed.</param>
    public JsonObject BuildObject(Type type, string path, string? description, bool withDefaults)
    {
        var pristine = withDefaults ? Activator.CreateInstance(type) : null;
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var (name, property) in Serialized(type))
        {
            var schema = BuildProperty(property, $"{path}.{name}", withDefaults);
            if (property.IsDefined(typeof(RequiredMemberAttribute)))
            {
                required.Add(name);
            }
            else if (DefaultOf(property, pristine) is { } value)
            {
                schema["default"] = value;
            }

            properties[name] = schema;
        }

        var result = Described(description, "object");
        result["properties"] = properties;
        if (required.Count > 0)
        {
            result["required"] = required;
        }

        AddRules(result, path);
        return result;
    }

    /// <summary>Puts the rules of a path into its schema.</summary>
    public static void AddRules(JsonObject schema, string path)
    {
        var rules = RedisClusterRules.All.Where(rule => rule.Path == path).Select(rule =>
        {
            var validation = new JsonObject { ["rule"] = rule.Cel, ["message"] = rule.Message };
            if (rule.FieldPath.Length > 0)
            {
                validation["fieldPath"] = rule.FieldPath;
            }

            return validation;
        }).ToArray<JsonNode>();
        if (rules.Length > 0)
        {
            schema["x-kubernetes-validations"] = new JsonArray(rules);
        }
    }

    static IEnumerable<(string Name, PropertyInfo Property)> Serialized(Type type) =>
        RedisClusterJson.Default.Options.GetTypeInfo(type).Properties
            .Where(property => property.Get is not null)
            .Select(property => (property.Name, type.GetProperty(((MemberInfo)property.AttributeProvider!).Name)!))
            .Where(property => !property.Item2.IsDefined(typeof(JsonIgnoreAttribute)));

    static JsonValue? DefaultOf(PropertyInfo property, object? pristine) => pristine is null || Nullable.GetUnderlyingType(property.PropertyType) is not null
        ? null
        : property.GetValue(pristine) switch
        {
            bool flag => JsonValue.Create(flag),
            int number => JsonValue.Create(number),
            long number => JsonValue.Create(number),
            string text => JsonValue.Create(text),
            Enum member => JsonValue.Create(member.ToString()),
            _ => null,
        };

    JsonObject BuildProperty(PropertyInfo property, string path, bool withDefaults)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = BuildType(type, path, descriptions.Of(property, type), withDefaults);
        foreach (var limit in property.GetCustomAttributes<ValidationAttribute>())
        {
            AddLimit(schema, limit);
        }

        if (property.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
        {
            schema["x-kubernetes-preserve-unknown-fields"] = true;
        }

        if (property.GetCustomAttribute<ListMapAttribute>() is { } map)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray([.. map.Keys.Select(key => JsonValue.Create(key))]);
        }

        if (property.IsDefined(typeof(AtomicListAttribute)))
        {
            schema["x-kubernetes-list-type"] = "atomic";
        }

        if (property.GetCustomAttribute<MapValuesAttribute>() is { } values && schema["additionalProperties"] is JsonObject value)
        {
            value["maxLength"] = values.MaximumLength;
            value["pattern"] = values.Pattern;
        }

        return schema;
    }

    JsonObject BuildType(Type type, string path, string? description, bool withDefaults)
    {
        if (type == typeof(string))
        {
            return Described(description, "string");
        }

        if (type == typeof(bool))
        {
            return Described(description, "boolean");
        }

        if (type == typeof(int) || type == typeof(long))
        {
            var schema = Described(description, "integer");
            schema["format"] = type == typeof(int) ? "int32" : "int64";
            return schema;
        }

        if (type == typeof(DateTimeOffset))
        {
            var schema = Described(description, "string");
            schema["format"] = "date-time";
            return schema;
        }

        if (type.IsEnum)
        {
            var schema = Described(description, "string");
            schema["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => JsonValue.Create(name))]);
            return schema;
        }

        if (type == typeof(Quantity))
        {
            var schema = NumberOrText(description);
            schema["minimum"] = 0;
            schema["pattern"] = QuantityPattern;
            return schema;
        }

        if (type == typeof(IntOrString))
        {
            var schema = NumberOrText(description);
            schema["minimum"] = -LargestInteger;
            return schema;
        }

        if (type == typeof(JsonElement))
        {
            return Described(description, "object");
        }

        if (Argument(type, typeof(IReadOnlyDictionary<,>), 1) is { } value)
        {
            var schema = Described(description, "object");
            schema["additionalProperties"] = BuildType(value, $"{path}[*]", null, withDefaults);
            AddRules(schema, path);
            return schema;
        }

        if (Argument(type, typeof(IReadOnlyList<>), 0) is { } item)
        {
            var schema = Described(description, "array");
            schema["items"] = BuildType(item, $"{path}[*]", descriptions.Of(item), withDefaults);
            return schema;
        }

        return BuildObject(type, path, description, withDefaults);
    }

    static Type? Argument(Type type, Type definition, int position) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type.GetGenericArguments()[position] : null;

    static JsonObject NumberOrText(string? description)
    {
        var schema = Described(description, null);
        schema["x-kubernetes-int-or-string"] = true;
        schema["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        schema["maximum"] = LargestInteger;
        return schema;
    }

    static JsonObject Described(string? description, string? type)
    {
        var schema = new JsonObject();
        if (description is not null)
        {
            schema["description"] = description;
        }

        if (type is not null)
        {
            schema["type"] = type;
        }

        return schema;
    }

    static void AddLimit(JsonObject schema, ValidationAttribute limit)
    {
        switch (limit)
        {
            case RangeAttribute range:
                schema["minimum"] = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
                schema["maximum"] = Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture);
                break;
            case StringLengthAttribute length:
                schema["minLength"] = length.MinimumLength;
                schema["maxLength"] = length.MaximumLength;
                break;
            case RegularExpressionAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case MaxLengthAttribute length:
                schema[(string?)schema["type"] == "array" ? "maxItems" : "maxProperties"] = length.Length;
                break;
            default:
                throw new NotSupportedException($"{limit.GetType().Name} has no form in a schema");
        }
    }
}
