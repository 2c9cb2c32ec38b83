using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Client;

/// <summary>What only the client writes and reads. The nulls of a merge patch stay: they remove fields.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerVersion))]
[JsonSerializable(typeof(DeleteBody))]
[JsonSerializable(typeof(JsonObject))]
sealed partial class ClientJson : JsonSerializerContext;
