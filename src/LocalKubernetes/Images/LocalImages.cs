using System.Diagnostics.CodeAnalysis;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>The images of the host and those that were added, also while this runs.</summary>
/// <param name="host">See <see cref="HostImages"/>.</param>
/// <param name="added">The store.</param>
/// <param name="etc">Where generated files of added images go.</param>
public sealed class LocalImages(IReadOnlyList<ContainerImage> host, AddedImages added, string etc) : IImageStore
{
    public IReadOnlyList<ContainerImage> List() => Current().List();

    public bool TryFind(string name, [NotNullWhen(true)] out ContainerImage? image, [NotNullWhen(false)] out string? reason) => Current().TryFind(name, out image, out reason);

    ImageStore Current() => new(host.Concat(added.List().Select(entry => AddedImages.ToContainerImage(entry, etc))));
}
