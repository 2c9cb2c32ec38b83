using System.Globalization;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>
/// Writes the files of a volume so that a reader sees all old or all new ones: they go to a directory of their own, and the
/// link <c>..data</c> is moved to it in one step (kubelet's AtomicWriter).
/// </summary>
public static class AtomicDirectory
{
    const string Current = "..data";

    /// <param name="root">The volume.</param>
    /// <param name="files">All files it shall have.</param>
    /// <param name="group">Who may read them beside their owner; null for nobody in particular.</param>
    /// <param name="now">Names the new directory.</param>
    /// <returns>False when the volume shows exactly these files already.</returns>
    public static bool Write(string root, IReadOnlyList<VolumeFile> files, int? group, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(files);
        Directory.CreateDirectory(root);
        var link = new FileInfo(Path.Combine(root, Current));
        var before = link.LinkTarget is { } target ? Path.Combine(root, target) : null;
        if (before is not null && Shows(before, files))
        {
            return false;
        }

        var name = "..";
        for (var attempt = 0; name == ".." || Directory.Exists(Path.Combine(root, name)); attempt++)
        {
            name = now.UtcDateTime.ToString("'..'yyyy_MM_dd_HH_mm_ss.fffffff", CultureInfo.InvariantCulture) + (attempt == 0 ? "" : $".{attempt}");
        }

        WriteFiles(Path.Combine(root, name), files, group);
        File.CreateSymbolicLink(Path.Combine(root, "..data_tmp"), name);
        SystemCalls.Rename(Path.Combine(root, "..data_tmp"), link.FullName);
        LinkEntries(root, files);
        if (before is not null)
        {
            Directory.Delete(before, recursive: true);
        }

        return true;
    }

    static bool Shows(string directory, IReadOnlyList<VolumeFile> files)
    {
        var present = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).ToHashSet();
        return present.SetEquals(files.Select(file => file.Path))
            && files.All(file => File.ReadAllBytes(Path.Combine(directory, file.Path)).AsSpan().SequenceEqual(file.Content));
    }

    static void WriteFiles(string directory, IReadOnlyList<VolumeFile> files, int? group)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in files)
        {
            var path = Path.GetFullPath(Path.Combine(directory, file.Path));
            if (!path.StartsWith(directory + "/", StringComparison.Ordinal))
            {
                throw new VolumeException($"path \"{file.Path}\" leads out of the volume");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                stream.Write(file.Content);
            }

            const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.GroupRead;
            File.SetUnixFileMode(path, (UnixFileMode)file.Mode | (group is null ? 0 : ForGroup));
            if (group is { } owner)
            {
                SystemCalls.ChangeOwner(path, -1, owner);
            }
        }

        const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
        foreach (var path in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories).Append(directory))
        {
            File.SetUnixFileMode(path, Everybody);
        }
    }

    static void LinkEntries(string root, IReadOnlyList<VolumeFile> files)
    {
        var wanted = files.Select(file => file.Path.Split('/')[0]).ToHashSet();
        foreach (var name in wanted.Where(name => new FileInfo(Path.Combine(root, name)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(root, name), $"{Current}/{name}");
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(root))
        {
            var name = Path.GetFileName(entry);
            if (!name.StartsWith("..", StringComparison.Ordinal) && !wanted.Contains(name))
            {
                File.Delete(entry);
            }
        }
    }
}
