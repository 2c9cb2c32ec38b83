namespace Slotwise.LocalKubernetes.Images;

/// <summary>Which Debian package makes which image, and how the image that people know under this name starts.</summary>
/// <param name="Repository">The name of the image.</param>
/// <param name="Package">The package whose version the image's tag states.</param>
/// <param name="Binary">A file of that package without which there is no image.</param>
public sealed record ImageRecipe(string Repository, string Package, string Binary)
{
    public IReadOnlyList<string> Command { get; init; } = [];

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The name of the user and group that the image adds, and its number.</summary>
    public (string Name, int Id)? User { get; init; }

    /// <summary>Empty directories that belong to that user.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>The images that can be made of packages. A new one is a new line.</summary>
    public static IReadOnlyList<ImageRecipe> All { get; } =
    [
        new("debian", "base-files", "/usr/bin/bash") { Command = ["bash"] },
        new("redis", "redis-server", "/usr/bin/redis-server")
        {
            Command = ["redis-server"], WorkingDirectory = "/data", User = ("redis", 999), Directories = ["/data"],
        },
        new("valkey/valkey", "valkey-server", "/usr/bin/valkey-server")
        {
            Command = ["valkey-server"], WorkingDirectory = "/data", User = ("valkey", 999), Directories = ["/data"],
        },
    ];
}
