using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Api.Security.Rbac;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Decides whether a user may do something.</summary>
public interface IAuthorizer
{
    AccessDecision Decide(ApiUser user, AccessRequest request);

    /// <summary>The rules that a user has in a namespace, those that hold everywhere included.</summary>
    /// <param name="user">Who.</param>
    /// <param name="ns">Empty: only those that hold everywhere.</param>
    IReadOnlyList<PolicyRule> RulesOf(ApiUser user, string ns);

    /// <summary>The rules of the role that a binding in a namespace names; null when there is no such role.</summary>
    IReadOnlyList<PolicyRule>? RulesOf(JsonObject? roleRef, string ns);
}

/// <summary>The answer, and why; the reason may be empty.</summary>
public readonly record struct AccessDecision(bool Allowed, string Reason);
