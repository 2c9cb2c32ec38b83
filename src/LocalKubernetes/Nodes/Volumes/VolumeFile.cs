namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>A file of a volume that shows objects.</summary>
/// <param name="Path">Below the volume's root.</param>
/// <param name="Content">May be a secret's.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record VolumeFile(string Path, byte[] Content, int Mode);

/// <summary>A volume cannot be made yet.</summary>
public sealed class VolumeException(string message) : Exception(message);
