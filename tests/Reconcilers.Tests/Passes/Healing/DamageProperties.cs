using FsCheck;
using FsCheck.Fluent;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Damages in any number and order, gossip in any order between: the cluster is whole again or says what it needs, and no key is lost.</summary>
public sealed class DamageProperties
{
    /// <summary>A damage by its number, or, from there on, something that goes on all the time.</summary>
    static readonly int Pass = Damage.All.Count;
    static readonly int Gossip = Pass + 1;
    static readonly int OnePing = Pass + 2;
    static readonly int Kubelet = Pass + 3;
    static readonly int ASecond = Pass + 4;

    [Fact]
    public void Whatever_breaks_no_key_is_lost_and_it_heals_or_says_what_it_needs() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40),
            Prop.ForAll(Gen.Choose(0, ASecond).ListOf().Select(happenings => new Story([.. happenings])).ToArbitrary(), story => HoldsAsync(story.Happenings)));

    static async Task HoldsAsync(IReadOnlyList<int> happenings)
    {
        var world = await HealthyCluster.CreateAsync();
        var done = new SortedSet<int>();
        var pings = 0;
        foreach (var happening in happenings)
        {
            if (happening < Pass)
            {
                // Twice the same one would act on what the first left behind.
                if (done.Add(happening))
                {
                    await Damage.All[happening].DoAsync(world);
                }
            }
            else if (happening == Pass)
            {
                await world.PassAsync();
            }
            else if (happening == Gossip)
            {
                world.Redis.Gossip();
            }
            else if (happening == OnePing)
            {
                var servers = world.Redis.Servers.ToList();
                var server = servers[pings++ % servers.Count];
                world.Redis.Ping(server, server.Known.Skip(pings % Math.Max(1, server.Known.Count())).FirstOrDefault());
            }
            else if (happening == Kubelet)
            {
                await world.RunKubeletAsync();
            }
            else
            {
                world.Time.Advance(TimeSpan.FromSeconds(1));
            }

            world.Ledger.AssertNoKeyLost();
        }

        for (var run = 0; run < 5; run++)
        {
            await world.RunAsync();
        }

        world.Ledger.AssertNoKeyLost();
        if (world.Condition("Stalled").Status == "False")
        {
            await world.SettleAsync();
            world.Redis.Stop("10.7.7.7");
            world.Ledger.AssertWhole(3, 1, mayStray: true);
        }
    }

    /// <summary>What happens, one after the other.</summary>
    sealed record Story(IReadOnlyList<int> Happenings)
    {
        public override string ToString() => string.Join(' ', Happenings);
    }
}
