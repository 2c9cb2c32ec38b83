using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Who is behind a request that was let in. A feature of its HTTP context.</summary>
/// <param name="User">As whom it is carried out.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Check">Refuses writes that the right to write alone does not cover.</param>
public sealed record Caller(ApiUser User, AccessRequest Request, Action<ResourceKind, JsonObject, JsonObject?> Check);
