using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Differential;

/// <summary>M1 to M4 on simulated servers by seed, and on real ones.</summary>
public sealed class MeasuredTests(MeasuredTests.RealRuns real) : IClassFixture<MeasuredTests.RealRuns>
{
    const int Factor = 10;
    const int Seeds = 20;

    [Fact]
    public Task M1_an_empty_master_wipes_its_replica() => OnBothAsync(Case.Wipes);

    [Fact]
    public Task M1_FORCE_in_time_saves_what_it_would_wipe() => OnBothAsync(Case.Saves);

    [Fact]
    public Task M2_who_follows_whom_spreads_slowly() => OnBothAsync(Case.Spreads);

    [Fact]
    public Task M3_old_votes_count_again_on_Redis() => OnBothAsync(Case.OldVotes);

    [Fact]
    public Task M3_old_votes_do_not_count_on_Valkey() => OnBothAsync(Case.NewVotes);

    [Fact]
    public Task M4_a_replica_that_came_back_empty_is_not_elected() => OnBothAsync(Case.TooOld);

    [Fact]
    public Task M4_unless_cluster_replica_validity_factor_is_0() => OnBothAsync(Case.NeverTooOld);

    async Task OnBothAsync(Case which)
    {
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            var simulator = new Simulator(seed);
            simulator.Run(() => GoThroughAsync(which, new ModelSubject(simulator, ProfileOf(which), 6, Directives(which))));
        }

        await real.Of(which);
    }

    static ServerProfile ProfileOf(Case which) => which == Case.NewVotes ? ServerProfile.Valkey81 : ServerProfile.Redis70;

    static IEnumerable<(string Name, string Value)> Directives(Case which) => Measured.Directives(which == Case.NeverTooOld ? 0 : Factor);

    static Task GoThroughAsync(Case which, ISubject subject) => which switch
    {
        Case.Wipes => Measured.EmptyMasterWipesItsReplicaAsync(subject),
        Case.Saves => Measured.ForceSavesWhatAnEmptyMasterWouldWipeAsync(subject),
        Case.Spreads => Measured.WhoFollowsWhomSpreadsSlowlyAsync(subject),
        Case.OldVotes => Measured.OldVotesCountAgainAsync(subject, isValkey: false),
        Case.NewVotes => Measured.OldVotesCountAgainAsync(subject, isValkey: true),
        Case.TooOld => Measured.EmptyReplicaAsync(subject, isElected: false),
        _ => Measured.EmptyReplicaAsync(subject, isElected: true),
    };

    public enum Case
    {
        Wipes,
        Saves,
        Spreads,
        OldVotes,
        NewVotes,
        TooOld,
        NeverTooOld,
    }

    /// <summary>All cases on real servers, side by side: they mostly wait.</summary>
    public sealed class RealRuns
    {
        readonly SortedDictionary<Case, Task> _runs = [];

        public RealRuns()
        {
            foreach (var which in Enum.GetValues<Case>())
            {
                _runs[which] = RunAsync(which);
            }
        }

        public Task Of(Case which) => _runs[which];

        static async Task RunAsync(Case which)
        {
            var (product, version) = which == Case.NewVotes ? ("valkey", "8.1") : ("redis", "7.0");
            await using var subject = await RealSubject.StartAsync(RealSubject.FindOrSkip(product, version), 6, Directives(which));
            await GoThroughAsync(which, subject);
        }
    }
}
