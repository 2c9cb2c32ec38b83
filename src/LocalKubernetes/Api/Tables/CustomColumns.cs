using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>The columns that a CustomResourceDefinition asks for.</summary>
public static class CustomColumns
{
    public static IEnumerable<TableColumn> Of(ResourceKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return kind.Columns.Select(column =>
        {
            var path = TryParse(column.Path);
            return new TableColumn(
                column.Name,
                column.Type,
                (obj, now) => path is null ? null : Cell(column, [.. path.Find(obj)], now),
                column.Priority,
                column.Format,
                column.Description);
        });
    }

    static JsonNode? Cell(PrinterColumn column, List<JsonNode> found, DateTimeOffset now)
    {
        if (found.Count == 0)
        {
            return null;
        }

        if (column.Type == "date")
        {
            return HumanDuration.Since(found[0].AsText(), now);
        }

        // Several values, or one that is no scalar, become text; kubectl shows what the cell holds.
        return found.Count == 1 && found[0] is JsonValue value && column.Type != "string"
            ? value.DeepClone()
            : string.Join(",", found.Select(node => node.AsText() ?? node.ToJsonString()));
    }

    // A column that cannot be read stays empty; it must not take the table with it.
    static JsonPath? TryParse(string path)
    {
        try
        {
            return new JsonPath(path);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
