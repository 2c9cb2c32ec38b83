namespace Slotwise.LocalKubernetes.Images;

/// <summary>The generated /etc of an image: what programs need to run, and nothing that tells of the host or its users.</summary>
internal static class EtcDirectory
{
    private static readonly string[] FromHost = ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "debian_version", "os-release", "ssl", "ca-certificates", "localtime", "services", "protocols"];

    public static string Write(string directory, ImageRecipe recipe)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
        var user = recipe.User is { } added ? $"{added.Name}:x:{added.Id}:{added.Id}::/nonexistent:/usr/sbin/nologin\n" : "";
        var group = recipe.User is { } addedGroup ? $"{addedGroup.Name}:x:{addedGroup.Id}:\n" : "";
        Put("passwd", $"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n{user}");
        Put("group", $"root:x:0:\nnogroup:x:65534:\n{group}");
        Put("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n");
        foreach (var name in FromHost)
        {
            Copy(Path.Combine("/etc", name), Path.Combine(directory, name));
        }

        return directory;

        void Put(string name, string text) => File.WriteAllText(Path.Combine(directory, name), text);
    }

    private static void Copy(string from, string to)
    {
        var info = new FileInfo(from);
        if (info.LinkTarget is { } target)
        {
            File.CreateSymbolicLink(to, target);
        }
        else if (Directory.Exists(from))
        {
            // private keys of the host are no part of an image
            if (Path.GetFileName(from) == "private")
            {
                return;
            }

            Directory.CreateDirectory(to);
            foreach (var entry in Directory.EnumerateFileSystemEntries(from))
            {
                Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
            }
        }
        else if (info.Exists)
        {
            File.Copy(from, to);
        }
    }
}
