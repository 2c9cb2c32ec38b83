namespace Slotwise.Redis;

/// <summary>What an error of a cluster node says about trying again.</summary>
/// <param name="Target">Where the command belongs, for MOVED and ASK; an empty host means the host of the node that answered.</param>
/// <param name="IsAsk">Only this once, after ASKING.</param>
readonly record struct Redirection(RedisEndpoint? Target, bool IsAsk)
{
    /// <summary>Reads an error reply; false when it is final.</summary>
    public static bool TryParse(RespValue reply, out Redirection redirection)
    {
        redirection = default;
        switch (reply.ErrorCode)
        {
            case "MOVED" or "ASK":
                // MOVED 3999 10.0.0.7:6381
                var words = reply.ErrorText.Split(' ');
                var colon = words.Length == 3 ? words[2].LastIndexOf(':') : -1;
                if (colon < 0 || !int.TryParse(words[2].AsSpan(colon + 1), out var port))
                {
                    return false;
                }

                redirection = new Redirection(new RedisEndpoint(words[2][..colon], port), words[0] == "ASK");
                return true;
            case "TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN":
                return true;
            default:
                return false;
        }
    }
}
