namespace Slotwise.Reconcilers.Resources;

/// <summary>Where generated passwords come from; a port, so that a simulated run is reproducible.</summary>
public interface IPasswordSource
{
    /// <summary>A new password of letters and digits, at least 128 bits strong.</summary>
    string Next();
}
