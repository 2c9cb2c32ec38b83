using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>
/// The images that were added to this machine. Each is a directory, <c>NAME/image.json</c> beside <c>NAME/root/usr/...</c>, which appears
/// under its name only when it is complete and never changes afterwards: containers run in it.
/// </summary>
/// <param name="directory">The store, shared by all instances on the machine.</param>
public sealed class AddedImages(string directory)
{
    const string Description = "image.json";

    /// <summary>What has no name yet, and what has lost it.</summary>
    const string ScratchPrefix = ".scratch-";

    public string Directory => directory;

    /// <summary>What was added, the newest first.</summary>
    public IReadOnlyList<(AddedImage Image, string Place)> List() =>
        !System.IO.Directory.Exists(directory)
            ? []
            : [.. System.IO.Directory.EnumerateDirectories(directory).Select(TryRead).OfType<(AddedImage Image, string Place)>().OrderByDescending(entry => entry.Image.Added)];

    /// <summary>Keeps every other process from adding and removing until the result is disposed of; waits for one that is at it.</summary>
    /// <exception cref="ImageException">Another process holds it for longer than five minutes.</exception>
    public async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, ".lock");
        for (var start = TimeProvider.System.GetTimestamp(); ; await Task.Delay(100, cancellationToken))
        {
            try
            {
                var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                RemoveScratch();
                return held;
            }
            catch (IOException) when (File.Exists(path) && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(5))
            {
                // somebody else adds an image
            }
            catch (IOException e)
            {
                throw new ImageException($"the image store {directory} is locked by another localkube: {e.Message}", e);
            }
        }
    }

    /// <summary>A new directory beside the images, which none of them is. Only under the lock.</summary>
    public DirectoryInfo CreateScratch() => System.IO.Directory.CreateDirectory(Path.Combine(directory, ScratchPrefix + Path.GetRandomFileName()));

    /// <summary>Makes a complete root filesystem an image, in one step. Older ones of the same name go, unless something runs in them. Only under the lock.</summary>
    /// <param name="image">What it is.</param>
    /// <param name="scratch">From <see cref="CreateScratch"/>, with the files below <c>root</c>.</param>
    public void Commit(AddedImage image, DirectoryInfo scratch)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        File.WriteAllText(Path.Combine(scratch.FullName, Description), JsonSerializer.Serialize(image, AddedImageJson.Default.AddedImage));
        var older = List().Where(entry => entry.Image.Name == image.Name).Select(entry => entry.Place).ToList();
        var name = ImageReference.Parse(image.Name);
        var place = Path.Combine(directory, $"{name.Repository.Split('/')[^1]}-{name.Tag}-{Digest(image)[..12]}");
        if (older.Contains(place))
        {
            scratch.Delete(recursive: true); // the same packages once more
            return;
        }

        scratch.MoveTo(place);
        older.Where(other => !IsInUse(other)).ToList().ForEach(Discard);
    }

    /// <summary>Takes an image away. Only under the lock.</summary>
    public bool TryRemove(string place, [NotNullWhen(false)] out string? reason)
    {
        reason = IsInUse(place) ? "containers run in it; delete their pods first" : null;
        if (reason is null)
        {
            Discard(place);
        }

        return reason is null;
    }

    /// <summary>As pods run it.</summary>
    /// <param name="entry">From <see cref="List"/>.</param>
    /// <param name="etc">Where generated files go.</param>
    public static ContainerImage ToContainerImage((AddedImage Image, string Place) entry, string etc)
    {
        var (image, place) = entry;
        if (image.Program is { } program)
        {
            return ProgramImage.ToContainerImage(image, program, place, Path.Combine(etc, Path.GetFileName(place)));
        }

        var recipe = ImageRecipe.All.First(recipe => recipe.Package == image.Package);
        var root = Path.Combine(place, "root");
        var source = $"{image.Package} {image.Packages[image.Package]} of Debian {image.Suite} with {image.Packages.Count - 1} packages, {image.Size / 1_000_000} MB";
        return recipe.ToContainerImage(image.Name, image.Tags, Digest(image), root, EtcFiles.Write(Path.Combine(etc, Path.GetFileName(place)), root, recipe), source);
    }

    static string Digest(AddedImage image) => image.Program?.Digest
        ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', image.Packages.OrderBy(package => package.Key, StringComparer.Ordinal).Select(package => $"{package.Key}={package.Value}")))));

    static (AddedImage Image, string Place)? TryRead(string place)
    {
        try
        {
            return !Path.GetFileName(place).StartsWith('.') && JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(place, Description)), AddedImageJson.Default.AddedImage) is { } image
                && ImageRecipe.All.Any(recipe => recipe.Package == image.Package)
                ? (image, place)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // taken away between two looks, or nothing of ours
            return null;
        }
    }

    /// <summary>Whether some process has files of it mounted.</summary>
    static bool IsInUse(string place) => System.IO.Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _) && File.ReadAllText(Path.Combine(process, "mountinfo")).Contains($"/{Path.GetFileName(place)}/root/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended
        }
    });

    // a name goes in one step, its thousands of files do not
    void Discard(string place)
    {
        var nameless = Path.Combine(directory, ScratchPrefix + Path.GetRandomFileName());
        System.IO.Directory.Move(place, nameless);
        System.IO.Directory.Delete(nameless, recursive: true);
    }

    void RemoveScratch()
    {
        foreach (var left in System.IO.Directory.EnumerateDirectories(directory, ScratchPrefix + "*"))
        {
            System.IO.Directory.Delete(left, recursive: true);
        }
    }
}

/// <summary>An image cannot be added or removed; why, and what to do.</summary>
public sealed class ImageException(string message, Exception? innerException = null) : Exception(message, innerException);
