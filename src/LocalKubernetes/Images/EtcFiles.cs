namespace Slotwise.LocalKubernetes.Images;

/// <summary>The /etc of an image: what programs need to run, and nothing that tells of the host or its users.</summary>
static class EtcFiles
{
    /// <summary>Files that packages generate or bring; no private keys, no users.</summary>
    static readonly string[] FromPackages = ["ld.so.cache", "alternatives", "debian_version", "ssl/certs", "ssl/openssl.cnf", "services", "protocols"];

    /// <summary>Writes what has to be generated, and says where everything is.</summary>
    /// <param name="directory">Where generated files go.</param>
    /// <param name="root">The image's root filesystem, <c>/</c> for the host's.</param>
    public static IReadOnlyDictionary<string, string> Write(string directory, string root, ImageRecipe recipe)
    {
        Directory.CreateDirectory(directory);
        var files = FromPackages.Select(name => (Name: name, Path: Path.Combine(root, "etc", name))).Where(file => Path.Exists(file.Path)).ToDictionary(file => file.Name, file => file.Path);
        var release = Path.Combine(root, "usr/lib/os-release");
        if (File.Exists(release))
        {
            files["os-release"] = release;
        }

        var (user, group) = recipe.User is { } added
            ? ($"{added.Name}:x:{added.Id}:{added.Id}::/nonexistent:/usr/sbin/nologin\n", $"{added.Name}:x:{added.Id}:\n")
            : ("", "");
        Put("passwd", $"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n{user}");
        Put("group", $"root:x:0:\nnogroup:x:65534:\n{group}");
        Put("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n");
        return files;

        void Put(string name, string text)
        {
            var path = Path.Combine(directory, name);
            // containers that run have it mounted: it must not be empty even for a moment
            if (!File.Exists(path) || File.ReadAllText(path) != text)
            {
                File.WriteAllText(path, text);
            }

            files[name] = path;
        }
    }
}
