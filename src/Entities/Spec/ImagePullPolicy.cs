namespace Slotwise.Entities;

/// <summary>When an image is pulled.</summary>
public enum ImagePullPolicy
{
    Always,
    IfNotPresent,
    Never,
}
