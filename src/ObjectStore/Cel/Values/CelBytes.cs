namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Bytes, which are compared by what they hold.</summary>
sealed class CelBytes(byte[] content)
{
    public byte[] Content { get; } = content;
}
