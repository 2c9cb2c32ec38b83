namespace Slotwise.Redis;

/// <summary>What one reply may cost, so that a broken or foreign server can't exhaust memory.</summary>
/// <param name="MaxReplyBytes">Memory of the texts and items of one reply, in bytes; what a length prefix announces counts before it arrives.</param>
/// <param name="MaxDepth">How deep collections may be nested; Redis itself stays below 10.</param>
/// <param name="MaxLineBytes">The longest line: a simple string, an error, a number or a length prefix, in bytes.</param>
public sealed record RespLimits(int MaxReplyBytes = 64 << 20, int MaxDepth = 32, int MaxLineBytes = 64 << 10)
{
    public static readonly RespLimits Default = new();
}
