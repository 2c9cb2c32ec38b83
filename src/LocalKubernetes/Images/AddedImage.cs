using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>What stands beside the root filesystem of an added image, in <c>image.json</c>.</summary>
public sealed record AddedImage
{
    /// <summary>Such as <c>docker.io/library/redis:8.0.2</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Other tags of the same image, such as <c>8.0</c> and <c>8</c>.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The Debian suite that its packages are from.</summary>
    public required string Suite { get; init; }

    /// <summary>The package that the image is made for.</summary>
    public required string Package { get; init; }

    /// <summary>Every package in it, with its version.</summary>
    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    /// <summary>The program that this machine's packages carry, in an image that was made of a program; null in one that was made of packages.</summary>
    public AddedProgram? Program { get; init; }

    /// <summary>Of all files, in bytes.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset Added { get; init; }
}

/// <param name="File">Its name, below <see cref="ProgramImage.Directory"/>.</param>
/// <param name="Digest">Changes with any file beside it.</param>
public sealed record AddedProgram(string File, string Digest);

[JsonSerializable(typeof(AddedImage))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
sealed partial class AddedImageJson : JsonSerializerContext;
