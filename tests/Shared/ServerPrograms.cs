using System.Diagnostics;
using System.Text.Json;

namespace Slotwise.Testing;

/// <summary>A real server of a certain version, to be run without a container.</summary>
/// <param name="Server">The command line up to the server's own arguments.</param>
/// <param name="Client">The same of redis-cli or valkey-cli.</param>
/// <param name="Version">In full, such as 9.1.2.</param>
public sealed record ServerProgram(IReadOnlyList<string> Server, IReadOnlyList<string> Client, string Version);

/// <summary>The servers on this machine: the one on the PATH, and those in LocalKubernetes' image store (<c>localkube images add</c>).</summary>
public static class ServerPrograms
{
    /// <summary>Where <c>localkube images add</c> puts a directory for each image: <c>image.json</c> beside <c>root/usr/bin/redis-server</c>.</summary>
    const string Store = "/var/lib/localkube/images";

    /// <param name="product"><c>redis</c> or <c>valkey</c>.</param>
    /// <param name="version">As much of it as matters: <c>9</c>, <c>8.1</c>.</param>
    /// <exception cref="InvalidOperationException">It is not on this machine; what to do.</exception>
    public static ServerProgram Find(string product, string version) =>
        Installed(product, version) ?? Added(product, version)
        ?? throw new InvalidOperationException($"there is no {product} {version} on this machine: `make setup` adds what the tests need, `localkube images add {product}:{version}` this one");

    static ServerProgram? Added(string product, string version)
    {
        if (!Directory.Exists(Store))
        {
            return null;
        }

        foreach (var place in Directory.EnumerateDirectories(Store, $"{product}-*").OrderDescending())
        {
            using var image = JsonDocument.Parse(File.ReadAllText(Path.Combine(place, "image.json")));
            var found = image.RootElement.GetProperty("name").GetString()!.Split(':')[^1];
            if ($"{found}.".StartsWith($"{version}.", StringComparison.Ordinal))
            {
                var usr = Path.Combine(place, "root/usr");
                // with its own loader and libraries: those of this machine are another version's
                var libraries = Directory.EnumerateDirectories(Path.Combine(usr, "lib"), "*-linux-gnu*").First(folder => Directory.EnumerateFiles(folder, "ld-linux-*").Any());
                string[] Command(string program) => [Directory.EnumerateFiles(libraries, "ld-linux-*").First(), "--library-path", libraries, Path.Combine(usr, "bin", program)];
                return new ServerProgram(Command($"{product}-server"), Command($"{product}-cli"), found);
            }
        }

        return null;
    }

    static ServerProgram? Installed(string product, string version)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!path.Any(folder => File.Exists(Path.Combine(folder, $"{product}-server"))))
        {
            return null;
        }

        using var asked = Process.Start(new ProcessStartInfo($"{product}-server", ["--version"]) { RedirectStandardOutput = true })!;
        var found = asked.StandardOutput.ReadToEnd().Split(' ').FirstOrDefault(word => word.StartsWith("v=", StringComparison.Ordinal))?[2..] ?? "";
        return $"{found}.".StartsWith($"{version}.", StringComparison.Ordinal) ? new ServerProgram([$"{product}-server"], [$"{product}-cli"], found) : null;
    }
}
