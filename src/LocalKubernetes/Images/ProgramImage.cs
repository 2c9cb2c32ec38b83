using System.Security.Cryptography;
using System.Text;
using Slotwise.LocalKubernetes.Images.Debian;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>An image of a program that was built on this machine, such as the operator: its directory over the machine's own packages.</summary>
public static class ProgramImage
{
    /// <summary>Where a container finds the program and what lies beside it.</summary>
    public const string Directory = "/program";

    // as in images that have no shell; a pod that asks for runAsNonRoot needs an image that names somebody
    static readonly (string Name, int Id) User = ("nonroot", 65532);

    /// <summary>Adds it; an older one of the same name goes.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="name">As pods write it.</param>
    /// <param name="program">What runs in it. All that lies beside it comes along.</param>
    /// <param name="time">Says when it was added.</param>
    /// <exception cref="ImageException">The name or the program is none.</exception>
    public static async Task<AddedImage> AddAsync(AddedImages store, string name, FileInfo program, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(time);
        var reference = ParseName(name);
        if (!program.Exists || !program.UnixFileMode.HasFlag(UnixFileMode.UserExecute))
        {
            throw new ImageException($"--program {program} is not an executable file; name the program that shall run, such as out/slotwise");
        }

        using var held = await store.LockAsync(cancellationToken);
        var made = store.CreateScratch();
        var root = made.CreateSubdirectory("root" + Directory);
        await HostCommand.RunAsync("cp", ["--recursive", "--dereference", program.DirectoryName + "/.", root.FullName], null, cancellationToken);
        // whoever runs it is another user than who built it
        await HostCommand.RunAsync("chmod", ["--recursive", "a+rX", made.FullName], null, cancellationToken);
        var image = new AddedImage
        {
            Name = reference.ToString(),
            Tags = [],
            Suite = "",
            Package = Recipe(reference).Package,
            Packages = new Dictionary<string, string>(),
            Program = new AddedProgram(program.Name, Digest(root)),
            Size = PackagedRoot.Measure(root),
            Added = time.GetUtcNow(),
        };
        store.Commit(image, made);
        return image;
    }

    /// <summary>As pods run it.</summary>
    internal static ContainerImage ToContainerImage(AddedImage image, AddedProgram program, string place, string etc)
    {
        var recipe = Recipe(ImageReference.Parse(image.Name));
        return recipe.ToContainerImage(image.Name, image.Tags, program.Digest, "/", EtcFiles.Write(etc, "/", recipe), $"{program.File} of this machine, {image.Size / 1_000_000} MB") with
        {
            Entrypoint = [$"{Directory}/{program.File}"],
            Parts = new Dictionary<string, string> { [Directory] = $"{place}/root{Directory}" },
            User = User.Id,
            Group = User.Id,
        };
    }

    static ImageRecipe Recipe(ImageReference name) => new(name.Repository, "base-files", "/usr/bin/bash") { User = User };

    static ImageReference ParseName(string name)
    {
        try
        {
            var reference = ImageReference.Parse(name);
            return ImageRecipe.All.Any(recipe => ImageReference.Parse(recipe.Repository).Repository == reference.Repository)
                ? throw new ImageException($"image \"{name}\" is made of Debian packages; give the program's image a name of its own")
                : reference;
        }
        catch (FormatException e)
        {
            throw new ImageException(e.Message, e);
        }
    }

    static string Digest(DirectoryInfo root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in root.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(root.FullName, file.FullName)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file.FullName)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
