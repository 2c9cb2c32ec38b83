using Slotwise.LocalKubernetes.Api.Requests;

namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>Decides whether a user may do what a request asks.</summary>
public interface IAuthorizer
{
    /// <summary>Null when allowed, else why not.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="verb">Such as <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>patch</c>.</param>
    /// <param name="path">What it is about.</param>
    string? Refusal(ApiUser user, string verb, ApiPath path);
}

/// <summary>Everybody who is logged in may do everything; the RBAC kinds are stored and not enforced.</summary>
public sealed class AllowAuthenticated : IAuthorizer
{
    public string? Refusal(ApiUser user, string verb, ApiPath path) => null;
}
