using System.Text.Json.Nodes;
using Slotwise.Reconcilers;

namespace Slotwise.Operator.Tests.Install;

/// <summary>The roles grant what the code uses: less would break it, more would be a gift to whoever takes its token.</summary>
public sealed class RightsTests
{
    [Fact]
    public void The_role_grants_exactly_what_a_pass_uses() => Assert.Equal(Rights(OperatorRights.Reconciling), Rights(Manifests.Role["rules"]!.AsArray()));

    [Fact]
    public void The_role_of_leader_election_grants_exactly_what_it_uses() =>
        Assert.Equal(Rights(OperatorRights.LeaderElection), Rights(Manifests.LeaderElectionRole["rules"]!.AsArray()));

    static IEnumerable<string> Rights(IEnumerable<AccessRule> rules) =>
        rules.SelectMany(rule => rule.Verbs.Select(verb => $"{verb} {rule.Group}/{rule.Resource}")).Order(StringComparer.Ordinal);

    static IEnumerable<string> Rights(JsonArray rules) =>
        (from rule in rules
         from apiGroup in rule["apiGroups"]!.AsArray()
         from resource in rule["resources"]!.AsArray()
         from verb in rule["verbs"]!.AsArray()
         select $"{verb} {apiGroup}/{resource}").Order(StringComparer.Ordinal);
}
