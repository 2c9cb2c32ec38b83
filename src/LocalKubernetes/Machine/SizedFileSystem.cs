using System.Globalization;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>
/// A directory that is a file system of its own and can be full. It is in this machine's memory, so it lasts as long as LocalKubernetes runs: of the file systems
/// that there are everywhere, only this one grows while it is used where a container lacks the capability (CAP_SYS_RESOURCE) that ext4 asks for.
/// </summary>
public static class SizedFileSystem
{
    /// <summary>Below this there is hardly room for a file.</summary>
    public const long SmallestBytes = 64 * 1024;

    /// <summary>Makes the file system and mounts it, or has the one that is there be as large.</summary>
    /// <param name="directory">Where it is mounted.</param>
    /// <param name="bytes">How much it holds; at least <see cref="SmallestBytes"/>. Memory is taken only as it is written to.</param>
    /// <exception cref="HostCommandException">This machine cannot mount it; why.</exception>
    public static async Task EnsureAsync(string directory, long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, SmallestBytes);
        Directory.CreateDirectory(directory);
        var size = string.Create(CultureInfo.InvariantCulture, $"size={bytes}");
        string[] arguments = await IsMountedAsync(directory, cancellationToken)
            ? ["-o", $"remount,{size}", directory]
            : ["-t", "tmpfs", "-o", $"{size},mode=0755", "slotwise", directory];
        await HostCommand.RunAsync("/usr/bin/mount", arguments, null, cancellationToken);
    }

    /// <summary>Removes the file system with all that is in it. Nothing happens where there is none.</summary>
    public static async Task RemoveAsync(string directory, CancellationToken cancellationToken)
    {
        // lazily: a container that ends just now must not keep it
        if (await IsMountedAsync(directory, cancellationToken))
        {
            await HostCommand.RunAsync("/usr/bin/umount", ["--lazy", directory], null, cancellationToken);
        }
    }

    static async Task<bool> IsMountedAsync(string directory, CancellationToken cancellationToken)
    {
        var escaped = directory.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);
        return (await File.ReadAllLinesAsync("/proc/self/mounts", cancellationToken)).Any(mount => mount.Split(' ')[1] == escaped);
    }
}
