namespace Slotwise.Redis;

/// <summary>Why a node did not carry out a command that another, or the same one later, will.</summary>
enum RedirectionKind
{
    /// <summary>The slot belongs to another node.</summary>
    Moved,

    /// <summary>The slot is on its way to another node, and the key is not here any more or not yet: only this once, after ASKING.</summary>
    Ask,

    /// <summary>Some keys of the command have moved and others have not.</summary>
    TryAgain,

    /// <summary>The node cannot serve now: it loads, or the cluster or its master is down for it.</summary>
    NotServing,
}

/// <summary>What an error of a cluster node says about trying again.</summary>
/// <param name="Kind">Why it refused.</param>
/// <param name="Target">Where the command belongs, for MOVED and ASK; an empty host means the host of the node that answered.</param>
readonly record struct Redirection(RedirectionKind Kind, RedisEndpoint? Target)
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

                // a node that should announce a host name and has none is shown as ?
                var host = words[2][..colon];
                redirection = new Redirection(words[0] == "ASK" ? RedirectionKind.Ask : RedirectionKind.Moved, new RedisEndpoint(host == "?" ? "" : host, port));
                return true;
            case "TRYAGAIN":
                redirection = new Redirection(RedirectionKind.TryAgain, null);
                return true;
            case "CLUSTERDOWN" or "LOADING" or "MASTERDOWN":
                redirection = new Redirection(RedirectionKind.NotServing, null);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Where the command belongs, for one who was answered by <paramref name="answering"/>; null to try the same node again.</summary>
    public RedisEndpoint? TargetSeenFrom(RedisEndpoint answering) =>
        Target is { Host.Length: 0 } onSameHost ? onSameHost with { Host = answering.Host } : Target;
}
