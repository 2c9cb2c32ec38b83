namespace Slotwise.Conformance.Suite;

/// <summary>The images that cases use: the official ones and LocalKubernetes' have in common what is used of them.</summary>
public static class Images
{
    /// <summary>bash, coreutils, perl and getent.</summary>
    public const string Shell = "debian:12";

    public const string Redis = "redis:7.0";
}
