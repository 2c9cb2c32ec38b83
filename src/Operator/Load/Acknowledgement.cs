using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>That a write was acknowledged: should it be lost, this tells whose word it was.</summary>
/// <param name="Number">Of the write, among those to its place.</param>
/// <param name="At">When the answer arrived.</param>
/// <param name="Server">Who answered; null where the client does not say.</param>
readonly record struct Acknowledgement(long Number, DateTimeOffset At, RedisEndpoint? Server)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"number {Number} was acknowledged at {At:HH:mm:ss.fff}{(Server is { } server ? $" by {server}" : "")}");
}

/// <summary>An acknowledged write that is not there.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Slot">The slot of that.</param>
/// <param name="Acknowledged">Who promised it, and when.</param>
sealed record LostWrite(string Key, int Slot, Acknowledgement Acknowledged);
