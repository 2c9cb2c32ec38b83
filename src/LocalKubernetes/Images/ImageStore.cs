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

        image = _images.Find(candidate =>
            ImageReference.Parse(candidate.Name) is var own && own.Repository == wanted.Repository && (own.Tag == wanted.Tag || candidate.Tags.Contains(wanted.Tag)));
        reason = image is null ? $"image \"{name}\" is not in the local store, which has {Describe()}" : null;
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
