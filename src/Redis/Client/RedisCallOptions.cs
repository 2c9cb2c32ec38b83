namespace Slotwise.Redis;

/// <summary>What a caller knows of its commands that a client cannot see.</summary>
public sealed record RedisCallOptions
{
    public static readonly RedisCallOptions Default = new();

    /// <summary>Which nodes may answer.</summary>
    public ReadFrom ReadFrom { get; init; }

    /// <summary>
    /// That the commands may be carried out twice, as all reads may: then they are also repeated when a connection broke before they were answered.
    /// </summary>
    public bool IsIdempotent { get; init; }
}
