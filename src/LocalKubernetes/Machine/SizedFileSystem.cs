namespace Slotwise.LocalKubernetes.Machine;

/// <summary>A directory that is a file system of its own and can be full: an image file beside it, mounted there.</summary>
public static class SizedFileSystem
{
    /// <summary>Below this an ext4 file system has no room for its own tables.</summary>
    public const long SmallestBytes = 1024 * 1024;

    /// <summary>Makes the file system and mounts it; what an interrupted attempt left is begun anew.</summary>
    /// <param name="directory">Where it is mounted. The image is the file of this name with <c>.img</c> behind it, and takes space of the disk only as it is written to.</param>
    /// <param name="bytes">How large it is, its own tables included; at least <see cref="SmallestBytes"/>.</param>
    /// <exception cref="HostCommandException">This machine cannot make or mount it; why.</exception>
    public static async Task CreateAsync(string directory, long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, SmallestBytes);
        Directory.CreateDirectory(directory);
        if (await IsMountedAsync(directory, cancellationToken))
        {
            return;
        }

        var image = ImageOf(directory);
        await using (var file = File.Create(image))
        {
            file.SetLength(bytes);
        }

        await HostCommand.RunAsync("/usr/sbin/mkfs.ext4", ["-q", "-F", "-m", "0", "-O", "^has_journal", image], null, cancellationToken);
        await HostCommand.RunAsync("/usr/bin/mount", ["-o", "loop", image, directory], null, cancellationToken);
        Directory.Delete(Path.Combine(directory, "lost+found")); // programs that want an empty directory would stumble over it
    }

    /// <summary>Removes the file system with all that is in it. Nothing happens where there is none.</summary>
    public static async Task RemoveAsync(string directory, CancellationToken cancellationToken)
    {
        // lazily: a container that ends just now must not keep it
        if (await IsMountedAsync(directory, cancellationToken))
        {
            await HostCommand.RunAsync("/usr/bin/umount", ["--lazy", directory], null, cancellationToken);
        }

        File.Delete(ImageOf(directory));
    }

    static string ImageOf(string directory) => $"{directory}.img";

    static async Task<bool> IsMountedAsync(string directory, CancellationToken cancellationToken)
    {
        var escaped = directory.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);
        return (await File.ReadAllLinesAsync("/proc/self/mounts", cancellationToken)).Any(mount => mount.Split(' ')[1] == escaped);
    }
}
