namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>Looks for a program as a container's runtime does, and says in its words what is wrong.</summary>
static class FindProgram
{
    /// <param name="program">A path, or a name to be looked for in PATH.</param>
    /// <param name="root">The container's root directory.</param>
    /// <param name="workingDirectory">In the container.</param>
    /// <param name="environment">The container's.</param>
    /// <param name="error">As runc says it: <c>exec: "x": executable file not found in $PATH</c>.</param>
    public static bool TryFind(string program, string root, string workingDirectory, IReadOnlyDictionary<string, string> environment, out string error)
    {
        error = "";
        if (program.Contains('/', StringComparison.Ordinal))
        {
            error = $"exec: \"{program}\": stat {program}: no such file or directory";
            return Exists(root + Path.Combine(workingDirectory, program));
        }

        error = NotInPath(program);
        var path = environment.GetValueOrDefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return path.Split(':').Any(directory => Exists($"{root}{directory}/{program}"));
    }

    public static string NotInPath(string program) => $"exec: \"{program}\": executable file not found in $PATH";

    // a link may point at what only the container sees
    static bool Exists(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
