namespace Slotwise.LocalKubernetes.Images;

/// <summary>Which Debian package makes which image, and how the image that people know under this name starts.</summary>
/// <param name="Repository">The name of the image.</param>
/// <param name="Package">The package whose version the image's tag states.</param>
/// <param name="Binary">A file of that package without which there is no image.</param>
public sealed record ImageRecipe(string Repository, string Package, string Binary)
{
    /// <summary>Packages that an image built from packages has besides, on top of a small system.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The suites that carry the package, and the version that each had when this was written: where to look first.</summary>
    public IReadOnlyList<(string Suite, string Version)> Suites { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The name of the user and group that the image adds, and its number.</summary>
    public (string Name, int Id)? User { get; init; }

    /// <summary>Empty directories that belong to that user.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>The image that this makes of a root filesystem.</summary>
    /// <param name="name">In full, with the longest tag.</param>
    /// <param name="tags">The other tags.</param>
    /// <param name="digest">Of what is in it.</param>
    /// <param name="root">See <see cref="ContainerImage.Root"/>.</param>
    /// <param name="etc">See <see cref="ContainerImage.Etc"/>.</param>
    /// <param name="source">See <see cref="ContainerImage.Source"/>.</param>
    public ContainerImage ToContainerImage(string name, IReadOnlyList<string> tags, string digest, string root, IReadOnlyDictionary<string, string> etc, string source) => new()
    {
        Name = name,
        Tags = tags,
        Id = $"{ImageReference.Parse(name).Repository}@sha256:{digest}",
        Source = source,
        Root = root,
        Etc = etc,
        Command = Command,
        WorkingDirectory = WorkingDirectory,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
        Directories = [.. Directories.Select(path => new ImageDirectory(path, User?.Id ?? 0, User?.Id ?? 0))],
    };

    /// <summary>The images that can be made of packages. A new one is a new line.</summary>
    public static IReadOnlyList<ImageRecipe> All { get; } =
    [
        new("debian", "base-files", "/usr/bin/bash") { Command = ["bash"] },
        new("redis", "redis-server", "/usr/bin/redis-server")
        {
            Tools = ["redis-tools"], Suites = [("bookworm", "7.0"), ("trixie", "8.0"), ("sid", "8.0")],
            Command = ["redis-server"], WorkingDirectory = "/data", User = ("redis", 999), Directories = ["/data"],
        },
        new("valkey/valkey", "valkey-server", "/usr/bin/valkey-server")
        {
            Tools = ["valkey-tools"], Suites = [("trixie", "8.1"), ("sid", "9.1")],
            Command = ["valkey-server"], WorkingDirectory = "/data", User = ("valkey", 999), Directories = ["/data"],
        },
    ];
}
