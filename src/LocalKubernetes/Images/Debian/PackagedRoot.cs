using System.Collections.Concurrent;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Images.Debian;

/// <summary>A root filesystem made of unpacked Debian packages. None of their scripts is run.</summary>
static class PackagedRoot
{
    /// <summary>A small Debian under the server, as the official images have one: the start scripts and <c>kubectl exec</c> use it, and setpriv starts every container.</summary>
    public static readonly IReadOnlyList<string> Base = ["base-files", "bash", "coreutils", "dash", "findutils", "grep", "hostname", "sed", "util-linux"];

    /// <summary>Directories that newer packages no longer name: everything is in /usr.</summary>
    static readonly string[] Merged = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    /// <summary>Half of the files, for people to read.</summary>
    static readonly string[] Documents = ["doc", "man", "info", "locale", "lintian", "bash-completion", "gtk-doc"];

    // dpkg-deb --extract would put a directory in the place of a link such as /lib64: older packages still name those
    const string Unpack = """set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --warning=no-timestamp --directory "$2" """;

    /// <param name="root">Empty.</param>
    /// <param name="files">Package files.</param>
    /// <returns>The packages with their versions.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> UnpackAsync(DirectoryInfo root, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        foreach (var name in Merged)
        {
            root.CreateSubdirectory($"usr/{name}");
            File.CreateSymbolicLink(Path.Combine(root.FullName, name), $"usr/{name}");
        }

        var packages = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = System.Environment.ProcessorCount, CancellationToken = cancellationToken }, async (file, token) =>
        {
            var fields = (await HostCommand.RunAsync("dpkg-deb", ["--show", "--showformat", @"${Package}\t${Version}", file], null, token)).Split('\t');
            packages[fields[0]] = fields[1];
            await HostCommand.RunAsync("bash", ["-c", Unpack, "unpack", file, root.FullName], null, token);
        });
        foreach (var name in Documents.Select(name => Path.Combine(root.FullName, "usr/share", name)).Where(Directory.Exists))
        {
            Directory.Delete(name, recursive: true);
        }

        // no package filled these
        foreach (var name in Merged.Where(name => !Directory.EnumerateFileSystemEntries(Path.Combine(root.FullName, "usr", name)).Any()))
        {
            File.Delete(Path.Combine(root.FullName, name));
            Directory.Delete(Path.Combine(root.FullName, "usr", name));
        }

        return packages;
    }

    /// <summary>All files together, in bytes.</summary>
    public static long Measure(DirectoryInfo root) =>
        root.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length);
}
