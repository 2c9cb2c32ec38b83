using FsCheck;
using FsCheck.Fluent;
using Slotwise.Reconcilers.Planning.Spreading;

namespace Slotwise.Reconcilers.Tests.Planning;

/// <summary>Which handover spreads masters best. A case is written shard by shard: the host of the master, then those of its replicas.</summary>
public sealed class MasterSpreadTests
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(500);

    /// <summary>Clusters of up to 9 shards with up to 2 replicas on up to 5 hosts in up to 3 zones.</summary>
    static Arbitrary<List<ShardPlaces>> Cases { get; } = (
        from hosts in Gen.Choose(1, 5)
        from zones in Gen.Choose(1, 3)
        from shards in (
            from replicas in Gen.Choose(0, 2)
            from places in Gen.Choose(0, hosts - 1).ArrayOf(replicas + 1)
            select Shard([.. places.Select(host => new MasterPlace($"host-{host}", $"zone-{host % zones}"))])).NonEmptyListOf()
        select shards.Take(9).ToList()).ToArbitrary();

    [Theory]
    [InlineData("A B, B C, C A", null)] // as it should be
    [InlineData("B A, B C, C A", "0 to A")] // A failed over to B: back to where nobody is
    [InlineData("B A, C B, B C", "0 to A")] // both could go to somebody alone: the first
    [InlineData("A B, A C, A B C", "0 to B")] // all on one host
    [InlineData("A, A, A", null)] // nobody can take over
    [InlineData("A A, A A", null)] // a handover on the same host changes nothing
    [InlineData("A B, A B, B A", null)] // 2 and 1 is the best for three on two
    [InlineData("A B, A B, A B, A B", "0 to B")] // half of them go
    [InlineData("A B, A B, B A, B A", null)] // 2 and 2
    [InlineData("A B, A B, B C", "0 to B")] // none helps alone: the one on B goes on to C next
    [InlineData("A B, B C, B C", "1 to C")]
    public void The_next_handover(string shards, string? expected)
    {
        var places = shards.Split(", ").Select(shard => Shard([.. shard.Split(' ').Select(host => new MasterPlace(host, null))])).ToList();

        var move = MasterSpread.Choose(places);

        Assert.Equal(expected, move is { } chosen ? $"{chosen.Shard} to {places[chosen.Shard].Candidates[chosen.Candidate].Host}" : null);
    }

    [Fact]
    public void Zones_count_beside_hosts()
    {
        // four hosts, two zones: the masters are on two hosts of one zone
        List<ShardPlaces> places = [Shard([new("a", "1"), new("c", "2")]), Shard([new("b", "1"), new("a", "1")])];

        Assert.Equal(1, MasterSpread.Score(places.Select(shard => shard.Master)));
        Assert.Equal(new SpreadMove(0, 0), MasterSpread.Choose(places));
    }

    [Fact]
    public void It_ends_never_makes_it_worse_and_says_the_same_each_time() => Check(shards =>
    {
        var score = Score(shards);
        var neutral = false;
        for (var moves = 0; MasterSpread.Choose(shards) is { } move; moves++)
        {
            Assert.Equal(move, MasterSpread.Choose(shards));
            Assert.InRange(moves, 0, 2 * 100);
            Apply(shards, move);
            var after = Score(shards);

            // whole pairs of masters; one that only makes room is followed by one that counts
            Assert.True(after < score || (after == score && !neutral), $"{score} became {after}");
            neutral = after == score;
            score = after;
        }

        Assert.False(neutral, "room was made and nobody took it");
    });

    [Fact]
    public void No_single_handover_is_left_that_would_help() => Check(shards =>
    {
        while (MasterSpread.Choose(shards) is { } move)
        {
            Apply(shards, move);
        }

        var score = Score(shards);
        for (var shard = 0; shard < shards.Count; shard++)
        {
            for (var candidate = 0; candidate < shards[shard].Candidates.Count; candidate++)
            {
                var other = shards.ToList();
                Apply(other, new SpreadMove(shard, candidate));
                Assert.True(Score(other) >= score, $"shard {shard} to {shards[shard].Candidates[candidate]} would help");
            }
        }
    });

    static int Score(List<ShardPlaces> shards) => MasterSpread.Score(shards.Select(shard => shard.Master));

    static void Apply(List<ShardPlaces> shards, SpreadMove move)
    {
        var shard = shards[move.Shard];
        var candidates = shard.Candidates.ToList();
        var master = candidates[move.Candidate];
        candidates[move.Candidate] = shard.Master;
        shards[move.Shard] = new ShardPlaces(master, candidates);
    }

    static ShardPlaces Shard(IReadOnlyList<MasterPlace> places) => new(places[0], [.. places.Skip(1)]);

    static void Check(Action<List<ShardPlaces>> property) => Prop.ForAll(Cases, shards => property([.. shards])).Check(Often);
}
