namespace Slotwise.EndToEnd.Scaling;

/// <summary>Tests that load a cluster fully run one after the other, so that each has what a machine of two processors can give.</summary>
[CollectionDefinition(Name)]
public sealed class OneAtATime
{
    public const string Name = "scaling";

    /// <summary>
    /// A cluster has its new shape within this time, under load and with every server on the same two processors. Valkey 8 takes the longest: it has a
    /// replica confirm each change of each slot.
    /// </summary>
    public static readonly TimeSpan ScalesWithin = TimeSpan.FromSeconds(120);
}
