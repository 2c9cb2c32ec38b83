using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.LeaderElection;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.LeaderElection;

public sealed class LeaderElectorTests
{
    [Theory]
    [InlineData(10, 10, 2, "LeaseDuration 10 s must be longer than RenewDeadline 10 s")]
    [InlineData(15, 10, 9, "RenewDeadline 10 s must be longer than 1.2 x RetryPeriod 9 s")]
    [InlineData(15, 10, 0, "RetryPeriod 0 s must be positive and LeaseDuration 15 s at least one second")]
    public void Times_that_would_allow_two_leaders_are_refused(int lease, int renew, int retry, string message)
    {
        var options = Options("a") with { LeaseDuration = TimeSpan.FromSeconds(lease), RenewDeadline = TimeSpan.FromSeconds(renew), RetryPeriod = TimeSpan.FromSeconds(retry) };

        var exception = Assert.Throws<ArgumentException>(() => new LeaderElector(new MemoryApi(TimeProvider.System), options, TimeProvider.System, new Random(1), NullLogger.Instance));

        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void The_first_one_leads_and_renews_with_one_request_every_two_seconds() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time);
        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.True(a.Leads);
        Assert.Equal("a", a.Elector.Holder);
        Assert.Equal(["get Lease operator", "create Lease operator", "replace Lease operator"], api.Calls[..3]);
        Assert.InRange(api.Calls.Count, 30, 33);
        Assert.Equal((15, 0), (api.Lease!.Spec!.LeaseDurationSeconds, api.Lease.Spec.LeaseTransitions));
    });

    /// <summary>A wall clock that is an hour off, on either side, must neither steal a lease nor wait for ever.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_crashed_leader_is_followed_after_the_lease_ran_out_whatever_the_wall_clocks_say(int hours) => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time);
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        await using var b = new Candidate("b", api, time.WithWallClockOffBy(TimeSpan.FromHours(hours)));
        await Task.Delay(TimeSpan.FromMinutes(5), time);
        Assert.True(a.Leads);
        Assert.False(b.Leads);

        api.Failure = call => call.StartsWith("replace", StringComparison.Ordinal) && a.Leads ? new KubernetesUnreachableException("cut off") : null;
        var crashed = time.Elapsed;
        while (!b.Leads)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            Assert.False(a.Leads && b.Leads);
        }

        Assert.InRange((time.Elapsed - crashed).TotalSeconds, 13, 15 + 4.4 + 0.2);
        Assert.IsType<LeadershipLostException>(a.Outcome);
        Assert.Equal("lease shop/operator could not be renewed for 10 s", a.Outcome.Message);
        Assert.Equal(("b", 1), (api.Lease!.Spec!.HolderIdentity, api.Lease.Spec.LeaseTransitions));
    });

    [Fact]
    public void A_leader_that_cannot_renew_stops_before_another_can_start() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time);
        await Task.Delay(TimeSpan.FromSeconds(3.5), time);
        var lastRenewal = time.Elapsed;

        api.Latency = TimeSpan.FromHours(1); // requests that hang, rather than fail
        while (a.Leads)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }

        Assert.InRange((time.Elapsed - lastRenewal).TotalSeconds, 8, 10.2);
        Assert.IsType<LeadershipLostException>(a.Outcome);
    });

    [Fact]
    public void Shutting_down_finishes_the_work_under_the_lease_and_hands_over_at_once() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time) { StoppingTakes = TimeSpan.FromSeconds(40) };
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        await using var b = new Candidate("b", api, time);
        await Task.Delay(TimeSpan.FromSeconds(5), time);

        var stopping = a.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(35), time);
        Assert.False(b.Leads);
        await stopping;
        Assert.Null(a.Outcome);
        var released = time.Elapsed;
        while (!b.Leads)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }

        Assert.InRange((time.Elapsed - released).TotalSeconds, 0, 4.5);
    });

    [Fact]
    public void A_renewal_whose_answer_was_lost_does_not_lose_the_lease() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time);
        await Task.Delay(TimeSpan.FromSeconds(3), time);
        var lost = 0;
        api.LostAnswer = _ => ++lost % 3 != 0 ? new KubernetesUnreachableException("lost") : null;

        await Task.Delay(TimeSpan.FromMinutes(5), time);

        Assert.True(a.Leads);
        Assert.True(lost > 50);
    });

    [Fact]
    public void A_lease_taken_by_somebody_else_is_lost_at_once() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        await using var a = new Candidate("a", api, time);
        await Task.Delay(TimeSpan.FromSeconds(3), time);
        var thief = await api.GetAsync<V1Lease>("shop", "operator", CancellationToken.None);
        await api.ReplaceLeaseAsync(thief with { Spec = thief.Spec! with { HolderIdentity = "thief" } }, CancellationToken.None);

        await Task.Delay(TimeSpan.FromSeconds(2), time);

        Assert.False(a.Leads);
        Assert.Equal("lease shop/operator is held by thief", a.Outcome!.Message);
    });

    [Fact]
    public void Work_that_fails_gives_the_lease_back_and_its_error_on() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time);
        var elector = new LeaderElector(api, Options("a"), time, new Random(1), NullLogger.Instance);

        await Assert.ThrowsAsync<InvalidDataException>(() => elector.RunAsync(_ => Task.FromException(new InvalidDataException("x")), CancellationToken.None));

        Assert.Equal("", api.Lease!.Spec!.HolderIdentity);
    });

    [Fact]
    public void Of_many_that_start_together_one_leads() => VirtualLoop.Run(async time =>
    {
        var api = new MemoryApi(time) { Latency = TimeSpan.FromMilliseconds(50) };
        var candidates = Enumerable.Range(0, 8).Select(i => new Candidate($"c{i}", api, time, seed: i)).ToList();

        for (var i = 0; i < 300; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time);
            Assert.True(candidates.Count(candidate => candidate.Leads) <= 1);
        }

        Assert.Equal(1, candidates.Count(candidate => candidate.Leads));
        foreach (var candidate in candidates)
        {
            await candidate.DisposeAsync();
        }
    });

    static LeaderElectionOptions Options(string identity) => new() { Namespace = "shop", Name = "operator", Identity = identity };

    sealed class Candidate : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly TimeProvider _time;
        readonly Task _run;

        public Candidate(string identity, IKubernetesApi api, TimeProvider time, int seed = 1)
        {
            _time = time;
            Elector = new LeaderElector(api, Options(identity), time, new Random(seed), NullLogger.Instance);
            _run = RunAsync();
        }

        public LeaderElector Elector { get; }

        /// <summary>Whether its work is running under a token that is not cancelled.</summary>
        public bool Leads { get; private set; }

        public Exception? Outcome { get; private set; }

        public TimeSpan StoppingTakes { get; init; }

        public async Task StopAsync()
        {
            _stop.Cancel();
            await _run;
        }

        public async ValueTask DisposeAsync() => await StopAsync();

        async Task RunAsync()
        {
            try
            {
                await Elector.RunAsync(WorkAsync, _stop.Token);
            }
            catch (LeadershipLostException exception)
            {
                Outcome = exception;
            }
        }

        async Task WorkAsync(CancellationToken cancellationToken)
        {
            Leads = true;
            using var registration = cancellationToken.Register(() => Leads = false);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
            }
            catch (OperationCanceledException) when (StoppingTakes > TimeSpan.Zero)
            {
                await Task.Delay(StoppingTakes, _time, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
