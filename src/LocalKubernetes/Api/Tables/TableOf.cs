using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>Objects as a <c>meta.k8s.io/v1</c> Table, which kubectl prints as it is.</summary>
public sealed class TableOf
{
    readonly List<TableColumn> _columns;
    readonly string _includeObject;
    readonly TimeProvider _time;

    /// <param name="kind">Whose columns.</param>
    /// <param name="includeObject">What each row carries: <c>Metadata</c>, <c>Object</c> or <c>None</c>.</param>
    /// <param name="time">For ages.</param>
    public TableOf(ResourceKind kind, string? includeObject, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(kind);
        _columns =
        [
            // Events are told apart by what happened, not by their generated names.
            .. kind.Kind.Kind == "Event" && !kind.IsCustom ? (IEnumerable<TableColumn>)[] : [new TableColumn("Name", "string", (obj, _) => Meta.Name(obj), Format: "name", Description: "Name must be unique within a namespace.")],
            .. kind.IsCustom ? CustomColumns.Of(kind) : BuiltInColumns.Of(kind),
        ];
        _includeObject = includeObject switch
        {
            null => "Metadata",
            "Metadata" or "Object" or "None" => includeObject,
            _ => throw ApiError.BadRequest($"Unable to convert to Table as requested: includeObject: Invalid value: \"{includeObject}\": must be 'Metadata', 'Object', 'None', or empty"),
        };
        _time = time;
    }

    /// <param name="items">One row each.</param>
    /// <param name="metadata">Of the list, or of the one object.</param>
    /// <param name="version">Of <c>meta.k8s.io</c>.</param>
    /// <param name="withColumns">A watch names them only once.</param>
    public JsonObject Build(IEnumerable<StoredObject> items, JsonObject metadata, string version, bool withColumns = true)
    {
        var now = _time.GetUtcNow();
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = $"meta.k8s.io/{version}",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? new JsonArray([.. _columns.Select(Definition)]) : null,
            ["rows"] = new JsonArray([.. items.Select(item => Row(item.Json, now, version))]),
        };
    }

    static JsonObject Definition(TableColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    JsonObject Row(JsonObject obj, DateTimeOffset now, string version) => new()
    {
        ["cells"] = new JsonArray([.. _columns.Select(column => column.Cell(obj, now))]),
        ["object"] = _includeObject switch { "Object" => obj.DeepClone(), "None" => null, _ => MetadataOnly.Of(obj, version) },
    };
}

/// <summary>An object without spec and status: <c>meta.k8s.io/v1</c> PartialObjectMetadata.</summary>
public static class MetadataOnly
{
    public static JsonObject Of(JsonObject obj, string version)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return new JsonObject
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = $"meta.k8s.io/{version}",
            ["metadata"] = obj["metadata"]?.DeepClone(),
        };
    }
}
