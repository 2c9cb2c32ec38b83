namespace Slotwise.Operator.Load;

/// <summary>What a value that was read back means.</summary>
enum Verdict
{
    /// <summary>The last acknowledged write, or a later one whose outcome was not known.</summary>
    Fine,

    /// <summary>An acknowledged write is not there: the value is older, or missing.</summary>
    Lost,

    /// <summary>A value that was never written there, or that the server had refused.</summary>
    Wrong,

    /// <summary>
    /// A write without an answer took effect after a later one was acknowledged: it waited in a server, or on the way, for longer than the client
    /// did. No server can prevent that.
    /// </summary>
    Late,
}
