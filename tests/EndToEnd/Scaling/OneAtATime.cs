namespace Slotwise.EndToEnd.Scaling;

/// <summary>Tests that load a cluster fully run one after the other, so that each has what a machine of two processors can give.</summary>
[CollectionDefinition(Name)]
public sealed class OneAtATime
{
    public const string Name = "scaling";
}
