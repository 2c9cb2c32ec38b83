using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>One column of a table and how its cell is read from an object.</summary>
public sealed record TableColumn(string Name, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Cell, int Priority = 0, string Format = "", string Description = "");
