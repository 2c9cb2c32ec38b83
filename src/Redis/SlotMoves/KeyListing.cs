using System.Globalization;

namespace Slotwise.Redis.SlotMoves;

/// <summary>Lists the keys of slots with their sizes, which decide what goes into one command and whether a slot can be moved at all.</summary>
sealed class KeyListing(SlotMove move, SlotMoveObstacles obstacles)
{
    /// <summary>Keys of a slot that are listed at a time; one with more is sent in several rounds.</summary>
    const int MaxKeys = 5000;

    /// <summary>Questions in one write, each of which takes the source some microseconds.</summary>
    const int MaxQuestions = 500;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>The keys of the slots, without the slots that have none and those that a large key blocks.</summary>
    public async Task<IReadOnlyList<SlotKeys>> ReadAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        if (slots.IsEmpty)
        {
            return [];
        }

        List<RedisCommand<IReadOnlyList<byte[]>>> list = [.. slots.Select(slot => ClusterCommands.GetKeysInSlot(slot, MaxKeys))];
        var lists = await move.Source.Session.ExecuteAsync(list, AnswerWithin, cancellationToken);
        var names = slots.Select((slot, index) => (Slot: slot, Names: list[index].Read(lists[index]))).Where(entry => entry.Names.Count > 0).ToList();
        var sizes = new Queue<RespValue>();
        foreach (var questions in names.SelectMany(entry => entry.Names).Select(ServerCommands.MemoryUsage).Chunk(MaxQuestions))
        {
            foreach (var size in await move.Source.Session.ExecuteAsync(questions, AnswerWithin, cancellationToken))
            {
                sizes.Enqueue(size);
            }
        }

        var listed = new List<SlotKeys>(names.Count);
        foreach (var (slot, keys) in names)
        {
            var sized = new List<SizedKey>(keys.Count);
            foreach (var key in keys)
            {
                var size = sizes.Dequeue();
                if (!KeyCopies.IsGone(size))
                {
                    sized.Add(new SizedKey(key, Replies.Integer(size.ThrowIfError())));
                }
            }

            if (!IsTooLarge(slot, sized))
            {
                listed.Add(new SlotKeys(slot, sized));
            }
        }

        return listed;
    }

    bool IsTooLarge(int slot, List<SizedKey> keys)
    {
        var largest = keys.Count == 0 ? 0 : keys.Max(key => key.Bytes);
        var stall = MigratePace.ExpectedStall(largest);
        if (stall <= move.MaxStall)
        {
            return false;
        }

        obstacles.Block(new SlotMoveObstacle(
            SlotMoveObstacleKind.LargeKey,
            SlotSet.Of(slot),
            string.Create(CultureInfo.InvariantCulture, $"slot {slot} has a key of {ByteText.Of(largest)}, for which {move.Source.Session.Endpoint} and {move.Target.Session.Endpoint} would stand still for about {stall.TotalSeconds:0.#} s"))
        {
            Stall = stall,
        });
        return true;
    }
}
