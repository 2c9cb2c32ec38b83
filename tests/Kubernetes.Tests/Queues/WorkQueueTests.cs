using Slotwise.Kubernetes.Queues;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Queues;

public sealed class WorkQueueTests
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void Hands_out_what_was_added_in_order() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(3);
        queue.Add(1);

        Assert.Equal(3, await queue.GetAsync(None));
        Assert.Equal(1, await queue.GetAsync(None));
        queue.Done(3);
        queue.Done(1);
        Assert.Equal((0, 0, 2, 2), Numbers(queue));
    });

    [Fact]
    public void Adding_what_waits_already_has_no_effect() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        queue.Add(1);

        Assert.Equal(1, await queue.GetAsync(None));
        queue.Done(1);
        Assert.Equal((0, 0, 1, 1), Numbers(queue));
    });

    [Fact]
    public void What_is_added_while_it_is_worked_on_comes_again_when_that_is_done_and_only_once() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        await queue.GetAsync(None);
        queue.Add(1);
        queue.Add(1);
        var second = queue.GetAsync(None);
        await Task.Yield();
        Assert.False(second.IsCompleted);

        queue.Done(1);

        Assert.Equal(1, await second);
        queue.Done(1);
        Assert.Equal((0, 0, 2, 2), Numbers(queue));
    });

    [Fact]
    public void What_is_done_does_not_come_again() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        await queue.GetAsync(None);
        queue.Done(1);
        queue.Add(2);

        Assert.Equal(2, await queue.GetAsync(None));
    });

    [Fact]
    public void Get_waits_until_something_is_added() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        var get = queue.GetAsync(None);
        Assert.False(get.IsCompleted);

        queue.Add(5);

        Assert.Equal(5, await get);
    });

    [Fact]
    public void Waiting_workers_are_served_in_turn_with_a_key_each() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        var (first, second) = (queue.GetAsync(None), queue.GetAsync(None));

        queue.Add(1);
        queue.Add(2);

        Assert.Equal((1, 2), (await first, await second));
    });

    [Fact]
    public void A_worker_that_gives_up_waiting_takes_no_key_with_it() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        using var cancel = new CancellationTokenSource();
        var impatient = queue.GetAsync(cancel.Token);
        var patient = queue.GetAsync(None);

        cancel.Cancel();
        queue.Add(1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(1, await patient);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.GetAsync(cancel.Token));
    });

    [Fact]
    public void Shutting_down_ends_the_workers_and_waits_for_what_they_hold() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        queue.Add(2);
        Assert.Equal(1, await queue.GetAsync(None));
        queue.Add(1);
        queue.AddAfter(3, TimeSpan.FromSeconds(1));

        var drained = queue.ShutDownAsync();

        Assert.Null(await queue.GetAsync(None));
        queue.Add(4);
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        Assert.Null(await queue.GetAsync(None));
        Assert.False(drained.IsCompleted);
        queue.Done(1);
        await drained;
        Assert.Equal(0, queue.Observe().Depth);
    });

    [Fact]
    public void Shutting_down_wakes_those_who_wait() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        var get = queue.GetAsync(None);

        await queue.ShutDownAsync();

        Assert.Null(await get);
    });

    [Fact]
    public void Only_a_key_that_is_worked_on_can_be_done() => VirtualLoop.Run(time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        Assert.Throws<InvalidOperationException>(() => queue.Done(1));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData(5, 2)]
    [InlineData(2, 5)]
    public void Of_several_delays_the_earliest_counts(int first, int second) => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.AddAfter(1, TimeSpan.FromSeconds(first));
        queue.AddAfter(1, TimeSpan.FromSeconds(second));

        Assert.Equal(1, await queue.GetAsync(None));
        Assert.Equal(TimeSpan.FromSeconds(2), time.Elapsed);
        queue.Done(1);
        await Task.Delay(TimeSpan.FromSeconds(10), time);
        Assert.Equal(0, queue.Observe().Depth);
    });

    [Fact]
    public void Delayed_keys_come_in_the_order_of_their_times() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.AddAfter(1, TimeSpan.FromMinutes(3));
        queue.AddAfter(2, TimeSpan.FromMilliseconds(0.2));
        queue.AddAfter(3, TimeSpan.FromSeconds(7));
        var seen = new List<(int?, double)>();

        for (var i = 0; i < 3; i++)
        {
            seen.Add((await queue.GetAsync(None), Math.Round(time.Elapsed.TotalSeconds, 2)));
        }

        Assert.Equal([(2, 0), (3, 7), (1, 180)], seen);
    });

    [Fact]
    public void Adding_now_does_not_cancel_what_was_to_come_later() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.AddAfter(1, TimeSpan.FromSeconds(60));
        queue.Add(1);

        await queue.GetAsync(None);
        queue.Done(1);
        await queue.GetAsync(None);

        Assert.Equal(TimeSpan.FromSeconds(60), time.Elapsed);
    });

    [Fact]
    public void Each_failure_doubles_a_keys_wait_up_to_five_minutes_until_it_is_forgotten() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        var waits = new List<double>();
        for (var i = 0; i < 13; i++)
        {
            var before = time.Elapsed;
            queue.AddRateLimited(1);
            await queue.GetAsync(None);
            queue.Done(1);
            waits.Add((time.Elapsed - before).TotalSeconds);
        }

        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 300, 300], waits);
        Assert.Equal(13, queue.Failures(1));
        queue.Forget(1);
        Assert.Equal(0, queue.Failures(1));
        var start = time.Elapsed;
        queue.AddRateLimited(1);
        await queue.GetAsync(None);
        Assert.Equal(0.2, (time.Elapsed - start).TotalSeconds);
    });

    [Fact]
    public void A_wait_that_the_server_asked_for_is_kept() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.AddRateLimited(1, atLeast: TimeSpan.FromSeconds(9));
        await queue.GetAsync(None);
        Assert.Equal(TimeSpan.FromSeconds(9), time.Elapsed);
    });

    [Fact]
    public void Many_keys_that_fail_at_once_come_back_ten_a_second() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        for (var key = 0; key < 150; key++)
        {
            queue.AddRateLimited(key);
        }

        for (var i = 0; i < 150; i++)
        {
            await queue.GetAsync(None);
            if (i == 99)
            {
                Assert.Equal(0.2, time.Elapsed.TotalSeconds);
            }
        }

        Assert.Equal(5, time.Elapsed.TotalSeconds);
    });

    [Fact]
    public void Urgent_keys_go_first_and_the_others_are_not_starved() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        queue.Add(2);
        queue.Add(2, urgent: true);
        for (var key = 100; key < 120; key++)
        {
            queue.Add(key, urgent: true);
        }

        var order = new List<int>();
        while (queue.Observe().Depth > 0)
        {
            order.Add((await queue.GetAsync(None))!.Value);
        }

        Assert.Equal([2, 100, 101, 102, 103, 104, 105, 1, 106], order[..9]);
        Assert.Equal(22, order.Count);
    });

    [Fact]
    public void Urgency_lasts_for_one_turn_and_survives_a_delay() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.AddAfter(2, TimeSpan.FromSeconds(1), urgent: true);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        queue.Add(1);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        Assert.Equal(2, await queue.GetAsync(None));
        queue.Done(2);

        queue.Add(2);

        Assert.Equal(1, await queue.GetAsync(None));
    });

    [Fact]
    public void Times_are_counted() => VirtualLoop.Run(async time =>
    {
        using var queue = new WorkQueue<int>(time);
        queue.Add(1);
        queue.Add(2);
        await Task.Delay(TimeSpan.FromSeconds(3), time);
        await queue.GetAsync(None);
        await Task.Delay(TimeSpan.FromSeconds(4), time);

        Assert.Equal(TimeSpan.FromSeconds(4), queue.Observe().LongestRunning);
        queue.Done(1);
        Assert.Equal(TimeSpan.FromSeconds(4), queue.Observe().TimeWorked);
        Assert.Equal(TimeSpan.FromSeconds(3), queue.Observe().TimeQueued);
        Assert.Equal(TimeSpan.Zero, queue.Observe().LongestRunning);
    });

    [Fact]
    public async Task Eight_workers_on_real_threads_never_share_a_key_and_lose_none()
    {
        const int Keys = 20;
        const int Rounds = 200;
        using var queue = new WorkQueue<int>(TimeProvider.System);
        var busy = new int[Keys];
        var seen = new int[Keys];
        var wanted = new int[Keys];
        var shared = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (await queue.GetAsync(None) is { } key)
            {
                if (Interlocked.Exchange(ref busy[key], 1) == 1)
                {
                    Interlocked.Increment(ref shared);
                }

                seen[key] = Volatile.Read(ref wanted[key]);
                await Task.Yield();
                Volatile.Write(ref busy[key], 0);
                queue.Done(key);
            }
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Keys * Rounds; i++)
            {
                Interlocked.Increment(ref wanted[i % Keys]);
                queue.Add(i % Keys, urgent: i % 3 == 0);
                if (i % 50 == 0)
                {
                    await Task.Yield();
                }
            }
        })));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (queue.Observe() is { Depth: > 0 } or { Processing: > 0 })
        {
            await Task.Delay(1, timeout.Token);
        }

        await queue.ShutDownAsync();
        await Task.WhenAll(workers);

        Assert.Equal(0, shared);
        Assert.Equal(Enumerable.Repeat(4 * Rounds, Keys), seen);
    }

    static (int Depth, int Processing, long Adds, long Completed) Numbers(WorkQueue<int> queue)
    {
        var now = queue.Observe();
        return (now.Depth, now.Processing, now.Adds, now.Completed);
    }
}
