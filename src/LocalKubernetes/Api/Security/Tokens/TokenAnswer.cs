namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary>What a look at a token found.</summary>
/// <param name="User">Whose it is; null when it is not good.</param>
/// <param name="Audiences">For which of those that were asked about.</param>
/// <param name="Error">Why it is not good.</param>
public sealed record TokenAnswer(ApiUser? User, IReadOnlyList<string> Audiences, string? Error)
{
    public const string Bad = "invalid bearer token";

    public static TokenAnswer Refused(string why) => new(null, [], $"[{Bad}, {why}]");
}
