using System.Buffers;

namespace Slotwise.Redis;

/// <summary>A rented buffer of a known size for one write. It is wiped when returned, because commands carry passwords.</summary>
sealed class SendBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    int _written;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _written);

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_written);

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_written);

    public void Dispose()
    {
        _bytes.AsSpan(0, _written).Clear();
        ArrayPool<byte>.Shared.Return(_bytes);
    }
}
