using Slotwise.EndToEnd.Clusters;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Healing;

/// <summary>Slots that were moved by half, claimed twice, lost, or are nobody's.</summary>
[Collection(HealingCollection.Name)]
public sealed class SlotHealingTests(LocalKubernetesFixture kubernetes, HurtClusters clusters) : EndToEndTest(kubernetes)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slots_that_are_open_are_finished_or_closed(bool valkey)
    {
        var cluster = valkey ? clusters.Valkey : clusters.Lasting;
        await cluster.HurtAsync(servers => OpenAsync(cluster, servers));
        await cluster.AssertHealsAsync("slots were left open in every way");
    }

    [Fact]
    public async Task Slots_claimed_by_one_who_does_not_have_their_keys_stay_with_the_one_who_has()
    {
        await clusters.Lasting.HurtAsync(async servers =>
        {
            // of two claims Redis believes the one of the higher epoch: were it the thief's, the owner would delete its keys
            var masters = servers.Where(server => server.IsMaster).OrderBy(server => server.Myself.ConfigEpoch).ToList();
            var (thief, owner) = (masters[0], masters[^1]);
            foreach (var slot in new[] { HurtCluster.SlotWithKeys(owner), HurtCluster.SlotWithKeys(owner, 1), owner.Myself.Slots.Ranges.Last().Last })
            {
                await thief.RunAsync("CLUSTER", "DELSLOTS", $"{slot}");
                await thief.RunAsync("CLUSTER", "ADDSLOTS", $"{slot}");
            }
        });
        await clusters.Lasting.AssertHealsAsync("slots were claimed twice");
    }

    [Fact]
    public async Task Slots_that_nobody_owns_go_to_the_one_who_has_their_keys()
    {
        await clusters.Lasting.HurtAsync(async servers =>
        {
            var (slot, owner, _) = HurtCluster.Find(servers, "tag4");
            foreach (var lost in new[] { slot, clusters.Lasting.FreeSlot(), clusters.Lasting.FreeSlot() })
            {
                var last = HurtCluster.Find(servers, lost).Owner;
                await last.RunAsync("CLUSTER", "DELSLOTS", $"{lost}");
                foreach (var other in servers.Where(server => server.Id != last.Id))
                {
                    await other.RunAsync("CLUSTER", "DELSLOTS", $"{lost}");
                }
            }
        });
        await clusters.Lasting.AssertHealsAsync("nobody owned some slots");
    }

    [Fact]
    public async Task A_master_that_lost_its_slots_gets_them_back()
    {
        await clusters.Lasting.HurtAsync(async servers =>
        {
            var owner = HurtCluster.Find(servers, "tag5").Owner;
            foreach (var range in owner.Myself.Slots.Ranges)
            {
                await owner.RunAsync("CLUSTER", "DELSLOTSRANGE", $"{range.First}", $"{range.Last}");
            }
        });
        await clusters.Lasting.AssertHealsAsync("a master lost its slots");
    }

    [Fact]
    public async Task What_a_user_must_decide_is_said_and_holds_up_nothing_else()
    {
        var cluster = clusters.Lasting;
        var servers = await ServerView.OfAsync(cluster.Cluster);
        var (slot, owner, other) = HurtCluster.Find(servers, "tag9");
        var astray = servers.First(server => server.Myself.MasterId == owner.Id);
        await cluster.HurtAsync(async _ =>
        {
            await MoveHalfAsync(servers, "tag9", closeOwner: true, closeOther: true);
            foreach (var server in servers.OrderByDescending(server => server.Id == owner.Id))
            {
                await server.RunAsync("CLUSTER", "DELSLOTS", $"{slot}");
            }

            await astray.RunAsync("CLUSTER", "REPLICATE", $"{other.Id}");
        });

        await EventuallyAsync("the conditions say what is to be decided", async () =>
        {
            var conditions = await cluster.Cluster.ConditionsAsync();
            return conditions["Ready"] is { Status: "False", Reason: "SlotConflict" } && conditions["Stalled"].Message.Contains($"nobody claims slots {slot} and", StringComparison.Ordinal)
                ? null
                : string.Join('\n', conditions.Values);
        });
        await EventuallyAsync($"{astray.Pod} follows its master again", async () =>
            (await ServerView.OfAsync(cluster.Cluster)).Single(server => server.Pod == astray.Pod).Myself.MasterId is { } master && master == owner.Id ? null : "another one");

        // what the message says, and the mark that Redis itself puts there when it starts with keys of a slot that is not its own
        await owner.RunAsync("CLUSTER", "ADDSLOTSRANGE", $"{slot}", $"{slot}");
        await EventuallyAsync($"{other.Pod} knows the owner", async () =>
            ClusterNodesTable.Parse(await other.RunAsync("CLUSTER", "NODES")).Find(owner.Id)?.Slots.Contains(slot) == true ? null : "it does not");
        await cluster.HurtAsync(_ => other.SetSlotAsync(slot, "IMPORTING", $"{owner.Id}"));
        await cluster.AssertHealsAsync("a user decided");
    }

    [Fact]
    public async Task Whatever_is_open_is_healed_by_operators_that_are_killed_again_and_again()
    {
        clusters.Operator.Kill();
        var servers = await ServerView.OfAsync(clusters.Lasting.Cluster);
        await OpenAsync(clusters.Lasting, servers);
        var (slot, _, _) = HurtCluster.Find(servers, "tag4");
        foreach (var server in servers.OrderByDescending(server => server.Myself.Slots.Contains(slot)))
        {
            await server.RunAsync("CLUSTER", "DELSLOTS", $"{slot}");
        }

        var random = new Random(7);
        for (var life = 0; life < 6; life++)
        {
            clusters.StartOperator();
            await Task.Delay(random.Next(800, 1600));
            clusters.Operator.Kill();
        }

        clusters.StartOperator();
        await clusters.Lasting.AssertHealsAsync("its operators were killed while they healed it");
    }

    /// <summary>Opens slots in all the ways in which a move can have been abandoned, with and without keys.</summary>
    static async Task OpenAsync(HurtCluster cluster, IReadOnlyList<ServerView> servers)
    {
        var (full, owner, other) = HurtCluster.Find(servers, "tag0");
        await owner.SetSlotAsync(full, "MIGRATING", $"{other.Id}");
        (full, owner, other) = HurtCluster.Find(servers, "tag1");
        await other.SetSlotAsync(full, "IMPORTING", $"{owner.Id}");
        (full, owner, other) = HurtCluster.Find(servers, "tag2");
        await other.SetSlotAsync(full, "IMPORTING", $"{owner.Id}");
        await owner.SetSlotAsync(full, "MIGRATING", $"{other.Id}");

        var (empty, from, to) = HurtCluster.Find(servers, cluster.FreeSlot());
        await from.SetSlotAsync(empty, "MIGRATING", $"{to.Id}");
        (empty, from, to) = HurtCluster.Find(servers, cluster.FreeSlot());
        await to.SetSlotAsync(empty, "IMPORTING", $"{from.Id}");
        (empty, from, to) = HurtCluster.Find(servers, cluster.FreeSlot());
        await to.SetSlotAsync(empty, "IMPORTING", $"{from.Id}");
        await from.SetSlotAsync(empty, "MIGRATING", $"{to.Id}");

        await MoveHalfAsync(servers, "tag6", closeOwner: false, closeOther: false);
        await MoveHalfAsync(servers, "tag7", closeOwner: true, closeOther: false);
        await MoveHalfAsync(servers, "tag8", closeOwner: false, closeOther: true);
    }

    static async Task MoveHalfAsync(IReadOnlyList<ServerView> servers, string tag, bool closeOwner, bool closeOther)
    {
        var (slot, owner, other) = HurtCluster.Find(servers, tag);
        await other.SetSlotAsync(slot, "IMPORTING", $"{owner.Id}");
        await owner.SetSlotAsync(slot, "MIGRATING", $"{other.Id}");
        await owner.MigrateAsync(other, HurtCluster.KeysOf(tag).Take(5));
        if (closeOwner)
        {
            await owner.SetSlotAsync(slot, "STABLE");
        }

        if (closeOther)
        {
            await other.SetSlotAsync(slot, "STABLE");
        }
    }
}
