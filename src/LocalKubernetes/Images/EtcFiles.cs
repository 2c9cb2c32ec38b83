namespace Slotwise.LocalKubernetes.Images;

/// <summary>The /etc of an image: what programs need to run, and nothing that tells of the host or its users.</summary>
static class EtcFiles
{
    /// <summary>Files of the host that its packages generate; no private keys, no users.</summary>
    static readonly string[] FromHost = ["ld.so.cache", "alternatives", "debian_version", "ssl/certs", "ssl/openssl.cnf", "services", "protocols"];

    /// <summary>Writes what has to be generated, and says where everything is.</summary>
    public static IReadOnlyDictionary<string, string> Write(string directory, ImageRecipe recipe)
    {
        Directory.CreateDirectory(directory);
        var files = FromHost.Select(name => (Name: name, Path: Path.Combine("/etc", name))).Where(file => Path.Exists(file.Path)).ToDictionary(file => file.Name, file => file.Path);
        if (File.Exists("/usr/lib/os-release"))
        {
            files["os-release"] = "/usr/lib/os-release";
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
            File.WriteAllText(path, text);
            files[name] = path;
        }
    }
}
