using System.Diagnostics.CodeAnalysis;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>Images from any number of sources, found by their names.</summary>
public sealed class ImageStore(IEnumerable<ContainerImage> images) : IImageStore
{
    readonly List<ContainerImage> _images = [.. images.OrderBy(image => image.Name, StringComparer.Ordinal)];

    public IReadOnlyList<ContainerImage> List() => _images;

    public bool TryFind(string name, [NotNullWhen(true)] out ContainerImage? image, [NotNullWhen(false)] out string? reason)
    {
        image = null;
        ImageReference wanted;
        try
        {
            wanted = ImageReference.Parse(name);
        }
        catch (FormatException e)
        {
            reason = e.Message;
            return false;
        }

        // of several that a short tag names, the newest, as in a registry
        image = _images
            .Where(candidate => ImageReference.Parse(candidate.Name) is var own && own.Repository == wanted.Repository && (own.Tag == wanted.Tag || candidate.Tags.Contains(wanted.Tag)))
            .MaxBy(candidate => Version.TryParse(ImageReference.Parse(candidate.Name).Tag, out var version) ? version : new Version());
        reason = image is null ? $"image \"{name}\" is not in the local store, which has {Describe()} (localkube images add NAME adds more)" : null;
        return image is not null;
    }

    string Describe()
    {
        var names = _images.Select(image =>
        {
            var own = ImageReference.Parse(image.Name);
            var repository = own.Repository.Replace("docker.io/library/", "", StringComparison.Ordinal);
            return string.Join(", ", image.Tags.Prepend(own.Tag).Select(tag => $"{repository}:{tag}"));
        }).ToList();
        return names.Count == 0 ? "no image at all" : string.Join(", ", names);
    }
}
