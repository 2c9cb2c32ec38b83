using System.Diagnostics.CodeAnalysis;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>The images that pods can run here.</summary>
public interface IImageStore
{
    IReadOnlyList<ContainerImage> List();

    /// <param name="name">As a pod writes it.</param>
    /// <param name="image">The image.</param>
    /// <param name="reason">Why there is none, and what there is instead.</param>
    bool TryFind(string name, [NotNullWhen(true)] out ContainerImage? image, [NotNullWhen(false)] out string? reason);
}
