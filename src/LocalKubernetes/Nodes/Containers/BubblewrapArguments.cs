using System.Globalization;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>The command lines that make a process a container. Pure.</summary>
/// <remarks>
/// <c>setsid</c> keeps the terminal's Ctrl-C away, <c>nsenter</c> joins the pod's network, <c>bwrap</c> makes namespaces and
/// mounts, and <c>setpriv</c> inside takes the rights away, because bwrap can change the user only in a user namespace, where
/// the "user" would still own the host's root files. The environment travels as environment, never as arguments.
/// </remarks>
public static class BubblewrapArguments
{
    public const string Program = "/usr/bin/setsid";

    const string SetPriv = "/usr/bin/setpriv";

    /// <summary>Parts of /usr that packages fill. /usr/local is the host administrator's and no part of an image.</summary>
    static readonly string[] UsrDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share"];

    static readonly string[] UsrLinks = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    static readonly string[] SysDirectories = ["/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage"];

    /// <param name="spec">The container.</param>
    /// <param name="exists">Whether a path of the host exists.</param>
    public static IReadOnlyList<string> Start(ContainerSpec spec, Func<string, bool> exists)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(exists);
        var arguments = new List<string>
        {
            "/usr/bin/nsenter", $"--net={spec.NetworkNamespacePath}",
            "/usr/bin/bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--hostname", spec.Hostname,
        };
        AddRoot(arguments, spec, exists);
        arguments.AddRange(["--proc", "/proc", "--dev", "/dev"]);
        // what programs ask the kernel about the machine; the rest of /sys shows the host
        foreach (var path in SysDirectories.Where(exists))
        {
            arguments.AddRange(["--ro-bind", path, path]);
        }

        // a mount inside another must come after it
        foreach (var mount in spec.Mounts.OrderBy(mount => mount.Target.Count(c => c == '/')))
        {
            AddDirectories(arguments, "0755", Parents(mount.Target));
            arguments.AddRange([mount.ReadOnly ? "--ro-bind" : "--bind", mount.Source, mount.Target]);
        }

        if (spec.ReadOnlyRootFilesystem)
        {
            arguments.AddRange(["--remount-ro", "/"]);
        }

        arguments.AddRange(["--chdir", spec.WorkingDirectory, "--"]);
        AddIdentity(arguments, spec);
        return arguments;
    }

    /// <summary>Another program in a running container, as its user and with its capabilities.</summary>
    /// <param name="spec">The container.</param>
    /// <param name="pid">Its process 1.</param>
    /// <param name="command">What shall run.</param>
    /// <param name="terminal">The terminal that controls it; null: it keeps the streams that it is started with.</param>
    public static IReadOnlyList<string> Execute(ContainerSpec spec, int pid, IReadOnlyList<string> command, string? terminal = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(command);
        var arguments = new List<string>();
        if (terminal is not null)
        {
            arguments.AddRange(["/bin/sh", "-c", "exec /usr/bin/setsid -cw \"$@\" <\"$0\" >\"$0\" 2>&1", terminal]);
        }

        arguments.AddRange(
        [
            "/usr/bin/nsenter", "-t", pid.ToString(CultureInfo.InvariantCulture), "-m", "-u", "-i", "-n", "-p", "-W", spec.WorkingDirectory, "--",
        ]);
        AddIdentity(arguments, spec with { Command = command });
        return arguments;
    }

    static void AddRoot(List<string> arguments, ContainerSpec spec, Func<string, bool> exists)
    {
        var root = spec.Image.Root.TrimEnd('/');
        // bwrap makes missing parents unreadable for others, so each is made here
        AddDirectories(arguments, "0755", ["/usr", "/usr/local", "/usr/local/bin", "/etc", "/etc/ssl", "/var", "/var/lib", "/run", "/home", "/opt", "/mnt", "/srv", "/sys", "/sys/devices", "/sys/devices/system", "/sys/kernel", "/sys/kernel/mm"]);
        AddDirectories(arguments, "0700", ["/root"]);
        AddDirectories(arguments, "1777", ["/tmp", "/var/tmp"]);
        foreach (var path in UsrDirectories.Select(directory => $"/usr/{directory}").Where(path => exists(root + path)))
        {
            arguments.AddRange(["--ro-bind", root + path, path]);
        }

        foreach (var link in UsrLinks.Where(link => exists($"{root}/usr/{link}")))
        {
            arguments.AddRange(["--symlink", $"usr/{link}", $"/{link}"]);
        }

        foreach (var (path, source) in spec.Image.Etc.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            arguments.AddRange(["--ro-bind", source, $"/etc/{path}"]);
        }

        foreach (var (path, source) in spec.Image.Parts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            arguments.AddRange(["--ro-bind", source, path]);
        }

        foreach (var directory in spec.Image.Directories.Where(directory => !spec.Mounts.Any(mount => mount.Target.TrimEnd('/') == directory.Path)))
        {
            arguments.AddRange([spec.ReadOnlyRootFilesystem ? "--ro-bind" : "--bind", ImageDirectorySource(spec, directory.Path), directory.Path]);
        }
    }

    /// <summary>Where an empty directory of the image lives during one run; bwrap cannot make one with an owner.</summary>
    public static string ImageDirectorySource(ContainerSpec spec, string path)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(path);
        return Path.Combine(spec.RunDirectory, path.Trim('/').Replace('/', '-'));
    }

    static IEnumerable<string> Parents(string path)
    {
        for (var end = path.IndexOf('/', 1); end > 0; end = path.IndexOf('/', end + 1))
        {
            yield return path[..end];
        }
    }

    static void AddDirectories(List<string> arguments, string mode, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            arguments.AddRange(["--perms", mode, "--dir", path]);
        }
    }

    static void AddIdentity(List<string> arguments, ContainerSpec spec)
    {
        var bounding = string.Join(',', spec.Capabilities.Select(capability => $"+{capability}").Prepend("-all"));
        var groups = spec.User.SupplementaryGroups.Select(group => group.ToString(CultureInfo.InvariantCulture)).ToList();
        arguments.AddRange([SetPriv, "--no-new-privs", $"--bounding-set={bounding}", "--inh-caps=-all"]);
        arguments.AddRange([$"--reuid={spec.User.User}", $"--regid={spec.User.Group}"]);
        arguments.Add(groups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', groups)}");
        arguments.Add("--");
        if (spec.ProgramEnvironment.Count > 0)
        {
            arguments.Add("/usr/bin/env");
            arguments.AddRange(spec.ProgramEnvironment.Select(variable => $"{variable.Key}={variable.Value}"));
        }

        arguments.AddRange(spec.Command);
    }
}
