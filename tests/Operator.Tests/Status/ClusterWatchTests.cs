using Slotwise.Kubernetes.Api;
using Slotwise.Operator.CommandLine;
using Slotwise.Operator.Status;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Status;

public sealed class ClusterWatchTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Waiting_ends_when_the_cluster_is_ready_with_a_line_for_each_change() => VirtualLoop.Run(async time =>
    {
        var output = new StringWriter();
        var watch = new ClusterWatch(_ => Task.FromResult(time.Elapsed < TimeSpan.FromSeconds(9) ? Pictures.Forming : Pictures.Ready), time, Minute);

        await watch.WriteLinesAsync(output, CancellationToken.None);

        Assert.Equal(
            $"""
               0.0 s  {ClusterText.Progress(Pictures.Forming)}
               9.0 s  {ClusterText.Progress(Pictures.Ready)}

            {ClusterText.Full(Pictures.Ready)}Ready after 9.0 s.

            """,
            output.ToString());
    });

    [Fact]
    public void Slots_that_move_are_followed_with_rate_and_time_left() => VirtualLoop.Run(async time =>
    {
        var output = new StringWriter();
        var watch = new ClusterWatch(_ => Task.FromResult(time.Elapsed < TimeSpan.FromSeconds(6) ? Pictures.Moving(6000 - (int)time.Elapsed.TotalSeconds * 1000) : Pictures.Ready), time, Minute);

        await watch.WriteLinesAsync(output, CancellationToken.None);

        Assert.Contains("slots moved 0/6000: ", output.ToString());
        Assert.Contains("slots moved 3000/6000, 1000/s, 3 s left: scaling out to 3 shards", output.ToString());
        Assert.EndsWith("Ready after 6.0 s.\n", output.ToString());
    });

    [Fact]
    public void Waiting_has_a_bound_and_says_what_was_missing() => VirtualLoop.Run(async time =>
    {
        var watch = new ClusterWatch(_ => Task.FromResult(Pictures.Forming), time, Minute);

        var error = await Assert.ThrowsAsync<UserErrorException>(() => watch.WriteLinesAsync(new StringWriter(), CancellationToken.None));

        Assert.Equal("not Ready after 60.0 s: waiting for 5 nodes to meet", error.Message);
    });

    [Fact]
    public void A_server_that_goes_away_for_a_while_ends_no_watch() => VirtualLoop.Run(async time =>
    {
        var output = new StringWriter();
        var watch = new ClusterWatch(
            _ => time.Elapsed.TotalSeconds switch
            {
                < 3 => Task.FromResult(Pictures.Forming),
                < 9 => throw new KubernetesUnreachableException("cannot reach the API server"),
                _ => Task.FromResult(Pictures.Ready),
            },
            time,
            Minute);

        await watch.WriteLinesAsync(output, CancellationToken.None);

        Assert.Contains("   3.0 s  cannot reach the API server\n   9.0 s  ", output.ToString());
    });

    [Fact]
    public void A_server_that_was_never_there_is_an_error() => VirtualLoop.Run(async time =>
    {
        var watch = new ClusterWatch(_ => throw new KubernetesUnreachableException("cannot reach the API server"), time, null);

        await Assert.ThrowsAsync<KubernetesUnreachableException>(() => watch.WriteLinesAsync(new StringWriter(), CancellationToken.None));
    });

    [Fact]
    public void Cancelling_ends_a_watch_well() => VirtualLoop.Run(async time =>
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromHours(1), time);
        var output = new StringWriter();

        await new ClusterWatch(_ => Task.FromResult(Pictures.Ready), time, null).WriteLinesAsync(output, cancel.Token);

        Assert.EndsWith(ClusterText.Full(Pictures.Ready), output.ToString());
        Assert.Equal(TimeSpan.FromHours(1), time.Elapsed);
    });

    [Fact]
    public void A_wait_that_is_given_up_is_no_success() => VirtualLoop.Run(async time =>
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
        var watch = new ClusterWatch(_ => Task.FromResult(Pictures.Forming), time, Minute);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.WriteLinesAsync(new StringWriter(), cancel.Token));
    });
}
