using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>What COUNTKEYSINSLOT answered for each of some slots.</summary>
static class SlotCounts
{
    /// <summary>The slots of which the server holds keys; one that it did not count is taken for one with keys.</summary>
    public static SlotSet WithKeys(SlotSet slots, IReadOnlyList<RespValue> counts)
    {
        var held = new SlotSetBuilder();
        var index = 0;
        foreach (var slot in slots)
        {
            if (!counts[index].TryGetInteger(out var keys) || keys > 0)
            {
                held.Add(slot);
            }

            index++;
        }

        return held.Build();
    }
}
