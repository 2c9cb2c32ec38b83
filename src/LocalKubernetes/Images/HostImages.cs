using System.Security.Cryptography;
using System.Text;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>
/// The images that the host's own Debian packages make: its /usr, read-only, under a small generated /etc. Name and tags say
/// what is installed and nothing else.
/// </summary>
public static class HostImages
{
    /// <param name="directory">Where the generated files go.</param>
    /// <exception cref="HostCommandException">dpkg-query is missing: this is no Debian.</exception>
    public static async Task<IReadOnlyList<ContainerImage>> ObserveAsync(string directory, CancellationToken cancellationToken)
    {
        var listed = await HostCommand.RunAsync("dpkg-query", ["-W", "-f", @"${db:Status-Status}\t${Package}\t${Version}\n"], null, cancellationToken);
        var installed = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .Where(fields => fields is ["installed", _, _])
            .DistinctBy(fields => fields[1])
            .ToDictionary(fields => fields[1], fields => fields[2]);
        var release = ReadRelease();
        var images = new List<ContainerImage>();
        foreach (var recipe in ImageRecipe.All)
        {
            if (!installed.TryGetValue(recipe.Package, out var version) || !File.Exists(recipe.Binary))
            {
                continue;
            }

            // Debian's own version is in a file, not in the version of a package
            var isDebian = recipe.Repository == "debian";
            var tags = isDebian ? [.. release] : DebianVersion.Tags(DebianVersion.Upstream(version));
            if (tags.Count > 0)
            {
                images.Add(Build(recipe, version, tags, EtcFiles.Write(Path.Combine(directory, $"host-{recipe.Package}"), "/", recipe)));
            }
        }

        return images;
    }

    static ContainerImage Build(ImageRecipe recipe, string version, IReadOnlyList<string> tags, IReadOnlyDictionary<string, string> etc)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{recipe.Package}={version}")));
        var name = ImageReference.Parse($"{recipe.Repository}:{tags[0]}").ToString();
        return recipe.ToContainerImage(name, [.. tags.Skip(1)], digest, "/", etc, $"{recipe.Package} {version}, installed on this host");
    }

    /// <summary>Number and name of the release: <c>12</c>, <c>bookworm</c>.</summary>
    static List<string> ReadRelease()
    {
        const string File = "/etc/os-release";
        if (!System.IO.File.Exists(File))
        {
            return [];
        }

        var fields = System.IO.File.ReadLines(File)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0])
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('"'));
        return fields.GetValueOrDefault("ID") == "debian"
            ? [.. new[] { fields.GetValueOrDefault("VERSION_ID"), fields.GetValueOrDefault("VERSION_CODENAME") }.OfType<string>()]
            : [];
    }
}
