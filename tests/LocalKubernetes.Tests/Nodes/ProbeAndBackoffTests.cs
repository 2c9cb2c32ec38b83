using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Pods;
using Slotwise.LocalKubernetes.Nodes.Probes;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class ProbeAndBackoffTests
{
    [Theory]
    [InlineData("+", "+", 1, 3)]
    [InlineData("+--+---+", "+.....-+", 1, 3)]
    [InlineData("--++-+++", "....…..+", 3, 3)]
    [InlineData("-", ".", 1, 1)]
    public void Readiness_changes_after_as_many_equal_answers_as_its_threshold(string answers, string changes, int success, int failure)
    {
        var state = new ProbeState(new V1Probe { SuccessThreshold = success, FailureThreshold = failure }, initial: false);
        var seen = string.Concat(answers.Select(answer => state.Record(answer == '+') ? state.Result == true ? '+' : '-' : '.'));
        Assert.Equal(changes.Replace('…', '.'), seen);
    }

    [Fact]
    public void A_startup_probe_says_nothing_until_it_succeeds_or_has_failed_often_enough()
    {
        var state = new ProbeState(new V1Probe { FailureThreshold = 2 }, initial: null);
        Assert.False(state.Record(false));
        Assert.Null(state.Result);
        Assert.True(state.Record(false));
        Assert.False(state.Result);
    }

    [Fact]
    public void A_container_that_keeps_ending_waits_twice_as_long_each_time_up_to_five_minutes_and_a_long_run_makes_it_new()
    {
        var backoff = new RestartBackoff();
        var waits = Enumerable.Range(0, 8).Select(_ => backoff.Next(TimeSpan.FromSeconds(1)).TotalSeconds).ToList();
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], waits);
        Assert.Equal(TimeSpan.Zero, backoff.Next(TimeSpan.FromMinutes(10)));
        Assert.Equal(TimeSpan.FromSeconds(10), backoff.Next(TimeSpan.FromSeconds(1)));
    }
}
