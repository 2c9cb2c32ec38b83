namespace Slotwise.LocalKubernetes.Images;

/// <summary>A root filesystem and how a container starts in it.</summary>
public sealed record ContainerImage
{
    /// <summary>Such as <c>docker.io/library/redis:7.0.15</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Other tags of the same image, such as <c>7.0</c> and <c>7</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Changes with the content: <c>REPOSITORY@sha256:...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Where the content comes from, for people: the packages and their versions.</summary>
    public required string Source { get; init; }

    /// <summary>The directory that holds <c>usr</c>; <c>/</c> when the image is made of the host's own packages.</summary>
    public required string Root { get; init; }

    /// <summary>What the container's <c>/etc</c> holds: paths below it, and the files and directories of the host behind them.</summary>
    public required IReadOnlyDictionary<string, string> Etc { get; init; }

    /// <summary>What the image has outside of <c>usr</c> and <c>etc</c>, read-only: directories in the container, and those of the host behind them.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; init; } = new Dictionary<string, string>();

    /// <summary>What runs when the container names no command.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>The arguments when the container names neither command nor arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Empty directories of the image, with their owner.</summary>
    public IReadOnlyList<ImageDirectory> Directories { get; init; } = [];

    public int User { get; init; }

    public int Group { get; init; }
}

public sealed record ImageDirectory(string Path, int User, int Group);
