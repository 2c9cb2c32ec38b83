namespace Slotwise.LocalKubernetes.Nodes.Probes;

/// <summary>One answer to a probe.</summary>
/// <param name="Success">Whether it was as wished.</param>
/// <param name="Output">What came back, for the event about a failure.</param>
public readonly record struct ProbeAnswer(bool Success, string Output);
