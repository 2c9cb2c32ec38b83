namespace Slotwise.LocalKubernetes.Images.Debian;

/// <summary>Adds images to a store, made of the packages of whatever Debian suite carries the version that is asked for.</summary>
/// <param name="store">Where they go.</param>
/// <param name="mirror">Where packages come from; null for the mirror that this machine uses.</param>
/// <param name="say">Told what happens, a line at a time.</param>
public sealed class ImageBuilder(AddedImages store, Uri? mirror, TimeProvider time, Action<string> say)
{
    /// <summary>What can be asked for, as far as known without asking Debian.</summary>
    public static string Choice { get; } =
        string.Join(", ", ImageRecipe.All.SelectMany(recipe => recipe.Suites.Select(suite => $"{recipe.Repository}:{suite.Version} (Debian {suite.Suite})")));

    /// <summary>The recipe that a name means, which may leave out the first part: <c>valkey:9</c> is valkey/valkey:9.</summary>
    /// <exception cref="ImageException">No recipe makes it.</exception>
    public static (ImageRecipe Recipe, string Tag) Choose(string name)
    {
        ImageReference reference;
        try
        {
            reference = ImageReference.Parse(name);
        }
        catch (FormatException e)
        {
            throw new ImageException(e.Message, e);
        }

        var recipe = ImageRecipe.All.FirstOrDefault(recipe =>
            recipe.Suites.Count > 0 && (ImageReference.Parse(recipe.Repository).Repository == reference.Repository || $"docker.io/library/{recipe.Repository.Split('/')[^1]}" == reference.Repository));
        return recipe is null
            ? throw new ImageException($"image \"{name}\" cannot be made of Debian packages; what can: {Choice}")
            : (recipe, reference.Tag);
    }

    /// <summary>Adds an image; does nothing when it is there already, unless it is to be brought up to date.</summary>
    /// <param name="name">As a pod writes it, or shorter.</param>
    /// <param name="refresh">Build it again of what Debian has now.</param>
    /// <returns>The image that is there now.</returns>
    /// <exception cref="ImageException">There is none; nothing half-made stays behind.</exception>
    public async Task<AddedImage> AddAsync(string name, bool refresh, CancellationToken cancellationToken)
    {
        var (recipe, tag) = Choose(name);
        using var held = await store.LockAsync(cancellationToken);
        if (!refresh && store.List().Select(entry => entry.Image).FirstOrDefault(image => image.Package == recipe.Package && Carries(ImageReference.Parse(image.Name).Tag, image.Tags, tag)) is { } present)
        {
            say($"{present.Name} is there already");
            return present;
        }

        var scratch = store.CreateScratch();
        try
        {
            return await BuildAsync(recipe, tag, scratch, cancellationToken);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    async Task<AddedImage> BuildAsync(ImageRecipe recipe, string tag, DirectoryInfo scratch, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        // where it was last known to be first; then it may be anywhere
        foreach (var suite in recipe.Suites.OrderByDescending(suite => $"{suite.Version}.".StartsWith($"{tag}.", StringComparison.Ordinal) || $"{tag}.".StartsWith($"{suite.Version}.", StringComparison.Ordinal)))
        {
            var apt = await AptDirectory.OpenAsync(scratch.CreateSubdirectory($"apt-{suite.Suite}"), suite.Suite, mirror, time, say, cancellationToken);
            if (await apt.FindVersionAsync(recipe.Package, cancellationToken) is not { } version)
            {
                continue;
            }

            var tags = DebianVersion.Tags(DebianVersion.Upstream(version));
            seen.Add($"{recipe.Repository}:{tags[0]} (Debian {suite.Suite})");
            if (!tags.Contains(tag))
            {
                continue;
            }

            return await BuildAsync(recipe, tags, apt, scratch, cancellationToken);
        }

        throw new ImageException($"Debian has no {recipe.Repository}:{tag}; it has {(seen.Count == 0 ? "none" : string.Join(", ", seen))}");
    }

    async Task<AddedImage> BuildAsync(ImageRecipe recipe, IReadOnlyList<string> tags, AptDirectory apt, DirectoryInfo scratch, CancellationToken cancellationToken)
    {
        var name = ImageReference.Parse($"{recipe.Repository}:{tags[0]}").ToString();
        say($"building {name} of packages of Debian {apt.Suite}");
        var files = await apt.DownloadAsync([recipe.Package, .. recipe.Tools, .. PackagedRoot.Base], cancellationToken);
        var made = scratch.CreateSubdirectory("image");
        var root = made.CreateSubdirectory("root");
        var packages = await PackagedRoot.UnpackAsync(root, files, cancellationToken);
        if (!File.Exists(root.FullName + recipe.Binary))
        {
            throw new ImageException($"{recipe.Package} of Debian {apt.Suite} has no {recipe.Binary}");
        }

        var image = new AddedImage
        {
            Name = name,
            Tags = [.. tags.Skip(1)],
            Suite = apt.Suite,
            Package = recipe.Package,
            Packages = packages.OrderBy(package => package.Key, StringComparer.Ordinal).ToDictionary(),
            Size = PackagedRoot.Measure(root),
            Added = time.GetUtcNow(),
        };
        store.Commit(image, made);
        say($"{name}: {recipe.Package} {packages[recipe.Package]}, {image.Size / 1_000_000} MB");
        return image;
    }

    static bool Carries(string longest, IEnumerable<string> tags, string wanted) => longest == wanted || tags.Contains(wanted);
}
