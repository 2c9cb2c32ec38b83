using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Planning;

/// <summary>Who would vote for a candidate: a request goes only to nodes that it has met and is connected to, the vote comes back the same way, and neither is sent twice.</summary>
public sealed class VotersTests
{
    const string Master = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const string Voter = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const string Candidate = "cccccccccccccccccccccccccccccccccccccccc";

    [Theory]
    [InlineData("slave " + Master + " 0 0 1 connected", "master - 0 0 2 connected 5461-10922", true)]
    [InlineData("slave " + Master + " 0 0 1 disconnected", "master - 0 0 2 connected 5461-10922", false)]
    [InlineData("slave " + Master + " 0 0 1 connected", "master - 0 0 2 disconnected 5461-10922", false)]
    [InlineData("slave " + Master + " 0 0 1 connected", "handshake - 0 0 0 connected", false)]
    [InlineData("slave,fail " + Master + " 0 0 1 connected", "master - 0 0 2 connected 5461-10922", false)]
    [InlineData("slave " + Voter + " 0 0 1 connected", "master - 0 0 2 connected 5461-10922", false)]
    [InlineData("master - 0 0 0 connected", "master - 0 0 2 connected 5461-10922", false)]
    public void Both_know_each_other_and_are_connected(string candidateThere, string voterHere, bool votes)
    {
        var voter = NewMember("orders-1-0", "10.0.0.2", $"{Voter} 10.0.0.2:6379@16379 myself,master - 0 0 2 connected 5461-10922\n{Candidate} 10.0.0.3:6379@16379 {candidateThere}\n");
        var candidate = NewMember("orders-0-1", "10.0.0.3", $"{Candidate} 10.0.0.3:6379@16379 myself,slave {Master} 0 0 1 connected\n{Voter} 10.0.0.2:6379@16379 {voterHere}\n");

        Assert.Equal(votes, Elections.CanVote(voter, candidate, NodeId.Parse(Master)));
    }

    /// <summary>What the voter knows is where the candidate was before.</summary>
    [Fact]
    public void A_voter_that_knows_an_earlier_address_does_not_count()
    {
        var voter = NewMember("orders-1-0", "10.0.0.2", $"{Voter} 10.0.0.2:6379@16379 myself,master - 0 0 2 connected 5461-10922\n{Candidate} 10.0.0.9:6379@16379 slave {Master} 0 0 1 connected\n");
        var candidate = NewMember("orders-0-1", "10.0.0.3", $"{Candidate} 10.0.0.3:6379@16379 myself,slave {Master} 0 0 1 connected\n{Voter} 10.0.0.2:6379@16379 master - 0 0 2 connected 5461-10922\n");

        Assert.False(Elections.CanVote(voter, candidate, NodeId.Parse(Master)));
    }

    static Member NewMember(string pod, string address, string nodes)
    {
        var server = new ServerObservation(new ServerIdentity("cluster", pod), ServerCommands.Info().Read(RespValue.Text("")), ClusterCommands.Info.Read(RespValue.Text("")), ClusterCommands.Nodes.Read(RespValue.Text(nodes)));
        var observed = new PodObservation(new V1Pod { Metadata = new V1ObjectMeta { Name = pod, Uid = pod } }, Shard: 0, Ordinal: 0, server, Silence: null);
        return new Member(observed, server, new ServerReference(pod, pod, new RedisEndpoint(address, 6379)));
    }
}
