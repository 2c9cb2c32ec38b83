namespace Slotwise.Conformance.Hosts;

/// <summary>Cases that need all hosts, or take one out for a moment: one after the other.</summary>
[CollectionDefinition(nameof(Hosts))]
public sealed class HostsCollection;
