using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>What a model server believes about another node.</summary>
sealed class ModelBelief(string address, int busPort)
{
    /// <summary>Empty when it has no address any more, because somebody else answered there.</summary>
    public string Address { get; set; } = address;

    public int BusPort { get; set; } = busPort;

    public string Hostname { get; set; } = "";

    public SlotSet Slots { get; set; } = SlotSet.Empty;

    public NodeId? MasterId { get; set; }

    public long Epoch { get; set; }

    /// <summary>A majority declared it failed.</summary>
    public bool HasFailed { get; set; }
}
