using System.Text;
using Slotwise.Operator.Load;
using Slotwise.Redis;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Load;

/// <summary>A ledger that cannot find a loss is of no use: here everything that can go wrong does, on purpose.</summary>
public sealed class LedgerTests
{
    const int Keys = 40;

    readonly FakeTimeProvider _time = new();
    readonly MemoryClient _client;
    readonly Ledger _ledger;

    public LedgerTests()
    {
        _client = new MemoryClient(_time);
        _ledger = NewLedger(ReadFrom.Master);
    }

    [Fact]
    public async Task Where_nothing_goes_wrong_nothing_is_found()
    {
        await WriteAsync(2000);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        var report = _ledger.Report;
        Assert.Equal(2000, report.Acknowledged);
        Assert.True(report is { IsClean: true, Late: 0, Stale: 0, Uncertain: 0, ErrorCount: 0, Redirects: 7 });
        Assert.InRange(report.Checked, 200, 1000);
        Assert.Empty(report.Findings);
        Assert.Equal(["0", "1"], report.LongestGapMilliseconds.Keys);
    }

    [Fact]
    public async Task Every_kind_of_key_is_written()
    {
        await WriteAsync(2000);
        foreach (var kind in new[] { "big", "stream", "hash", "expiring", "text" })
        {
            Assert.Contains(_client.Keys, key => key.StartsWith($"ledger:{kind}:", StringComparison.Ordinal));
        }

        Assert.Contains(_client.Keys, key => key.Contains('{', StringComparison.Ordinal));
        await _ledger.RemoveAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_client.Keys);
    }

    [Theory]
    [InlineData("big:")]
    [InlineData("text:0")]
    [InlineData("text:{")]
    [InlineData("hash:")]
    [InlineData("expiring:")]
    public async Task A_key_that_is_gone_is_lost_and_found_once(string kind)
    {
        await WriteAsync(500);
        _client.Delete(kind);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, _ledger.Report.Lost);
        Assert.Equal(0, _ledger.Report.Wrong);
        Assert.Contains("there was nothing", Assert.Single(_ledger.Report.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_fell_back_to_an_older_one_is_lost()
    {
        await WriteAsync(500);
        byte[] old = [];
        _client.Change("text:0", value => old = value);
        await WriteAsync(500);
        _client.Change("text:0", _ => old);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Theory]
    [InlineData("text:0")]
    [InlineData("stream:")]
    public async Task Of_a_lost_write_it_is_known_who_acknowledged_it_and_when(string kind)
    {
        await WriteAsync(500);
        _time.Advance(TimeSpan.FromSeconds(1));
        var liar = new RedisEndpoint("192.0.2.2", 6379);
        _client.Server = liar;
        var from = _time.GetUtcNow();
        _client.OnWrite = (count, command) => command.ArgumentText(1).Contains(kind, StringComparison.Ordinal) ? Fate.AcknowledgedOnly : Fate.CarriedOut;
        await WriteAsync(100);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(_ledger.Report.LostWrites);
        Assert.All(_ledger.Report.LostWrites, lost =>
        {
            Assert.Contains(kind, lost.Key, StringComparison.Ordinal);
            Assert.Equal((liar, from), (lost.Acknowledged.Server, lost.Acknowledged.At));
        });
        Assert.Contains("192.0.2.2", _ledger.Report.Findings[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loss_is_found_while_it_writes_too()
    {
        await WriteAsync(500);
        _client.OnRead = (command, _) => _client.Write(new RedisCommand("UNLINK", command.ArgumentText(1)));
        await WriteAsync(500);
        Assert.True(_ledger.Report.Lost > 10, $"{_ledger.Report.Lost}");
    }

    [Theory]
    [InlineData("text:0")]
    [InlineData("big:")]
    [InlineData("hash:")]
    public async Task A_value_that_was_never_written_is_wrong(string kind)
    {
        await WriteAsync(500);
        _client.Change(kind, value => [.. value[..^1], (byte)'!']);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 1), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Fact]
    public async Task The_value_of_another_key_is_wrong()
    {
        await WriteAsync(500);
        byte[] other = [];
        _client.Change("text:{", value => other = value);
        _client.Change("text:0", _ => other);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 1), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Fact]
    public async Task A_write_that_the_server_refused_and_kept_is_wrong()
    {
        _client.OnWrite = (count, command) =>
        {
            if (count < 300 || command.Name != "HSET")
            {
                return Fate.CarriedOut;
            }

            _client.Write(command);
            return Fate.Refused;
        };
        await WriteAsync(350);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, _ledger.Report.Lost);
        Assert.True(_ledger.Report.Wrong > 0);
        Assert.Equal(["OOM"], _ledger.Report.Errors.Keys);
    }

    [Theory]
    [InlineData(Fate.Unanswered)]
    [InlineData(Fate.CarriedOutUnanswered)]
    public async Task A_write_without_an_answer_may_be_there_or_not(object fate)
    {
        _client.OnWrite = (count, _) => count % 10 == 9 ? (Fate)fate : Fate.CarriedOut;
        await WriteAsync(3000);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        var report = _ledger.Report;
        Assert.True(report is { IsClean: true, Late: 0, Uncertain: 300 }, string.Join('\n', report.Findings));
        Assert.Equal(300, report.Errors["time-out"]);
    }

    [Fact]
    public async Task A_write_that_was_not_sent_or_refused_leaves_the_one_before()
    {
        _client.OnWrite = (count, _) => (count % 10) switch { 3 => Fate.NotSent, 7 => Fate.Refused, _ => Fate.CarriedOut };
        await WriteAsync(3000);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report is { IsClean: true, Late: 0, Uncertain: 0, Acknowledged: 2400 });
        Assert.Equal(new SortedDictionary<string, long> { ["OOM"] = 300, ["not reached"] = 300 }, _ledger.Report.Errors);
    }

    [Fact]
    public async Task A_write_that_takes_effect_after_a_later_one_is_late_and_not_lost()
    {
        RedisCommand? delayed = null;
        _client.OnWrite = (_, command) =>
        {
            if (delayed is null && command.Name == "SET" && command.ArgumentText(1).Contains(":text:0", StringComparison.Ordinal))
            {
                delayed = command;
                return Fate.Unanswered;
            }

            return Fate.CarriedOut;
        };
        await WriteAsync(500);
        _client.Write(delayed!);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report is { IsClean: true, Late: 1 });
    }

    [Fact]
    public async Task A_key_that_expired_in_time_is_not_lost_and_one_that_went_early_is()
    {
        await WriteAsync(500);
        _time.Advance(LedgerLayout.Expiry - TimeSpan.FromSeconds(1));
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report.IsClean);
        _client.ChangeExpiries(_ => TimeSpan.Zero);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report.Lost >= 4, $"{_ledger.Report.Lost}");

        await WriteAsync(500);
        var before = _ledger.Report.Lost;
        _time.Advance(LedgerLayout.Expiry);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((before, 0), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_expiry_that_was_lost_or_became_longer_is_wrong(bool isLost)
    {
        await WriteAsync(500);
        _client.ChangeExpiries(at => isLost ? null : at + LedgerLayout.Expiry);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report.Wrong >= 4);
        Assert.Equal(0, _ledger.Report.Lost);
    }

    [Fact]
    public async Task A_stream_that_lacks_entries_has_lost_them()
    {
        await WriteAsync(500);
        _client.ChangeStreams(entries => entries.RemoveRange(3, 2));
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((2, 0), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Fact]
    public async Task A_stream_that_fell_back_has_lost_its_last_entries_though_it_is_as_long_as_ever()
    {
        await WriteAsync(12_000);
        List<byte[]> old = [];
        _client.ChangeStreams(entries => old.AddRange(entries));
        Assert.Equal(StreamCell.Length, old.Count);
        await WriteAsync(1000);
        _client.ChangeStreams(entries =>
        {
            entries.Clear();
            entries.AddRange(old);
        });
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(_ledger.Report.Lost > 3, $"{_ledger.Report.Lost}");
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("foreign")]
    public async Task A_stream_with_entries_that_nobody_wrote_is_wrong(string how)
    {
        await WriteAsync(500);
        _client.ChangeStreams(entries => entries.Add(how == "twice" ? entries[^1] : Encoding.UTF8.GetBytes("somebody else's")));
        await _ledger.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 1), (_ledger.Report.Lost, _ledger.Report.Wrong));
    }

    [Fact]
    public async Task A_replica_that_is_behind_has_lost_nothing()
    {
        var ledger = NewLedger(ReadFrom.Replica);
        _client.AreReplicasEmpty = true;
        await WriteAsync(ledger, 1000);
        Assert.True(ledger.Report is { IsClean: true, Stale: > 100 });
        _client.AreReplicasEmpty = false;
        var stale = ledger.Report.Stale;
        await WriteAsync(ledger, 1000);
        Assert.Equal(stale, ledger.Report.Stale);
    }

    [Fact]
    public async Task What_cannot_be_read_back_is_not_said_to_be_there()
    {
        await WriteAsync(500);
        _client.OnRead = (_, _) => throw new RedisServerException("CLUSTERDOWN The cluster is down");
        using var giveUp = new CancellationTokenSource();
        var checking = _ledger.CheckAsync(giveUp.Token);
        Assert.False(checking.IsCompleted);
        await giveUp.CancelAsync();
        while (!checking.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await checking;
        Assert.True(_ledger.Report is { IsClean: false, Lost: 0, Unchecked: > Keys });
    }

    Ledger NewLedger(ReadFrom from) =>
        new(_client, new LedgerOptions { Prefix = "ledger", Keys = Keys, Writers = 1, ReadFrom = from }, _time);

    Task WriteAsync(int writes) => WriteAsync(_ledger, writes);

    async Task WriteAsync(Ledger ledger, int writes)
    {
        using var stop = new CancellationTokenSource();
        var until = _client.Writes + writes;
        var decide = _client.OnWrite;
        _client.OnWrite = (count, command) =>
        {
            if (count >= until)
            {
                stop.Cancel();
            }

            return decide(count, command);
        };
        await ledger.WriteAsync(stop.Token);
        _client.OnWrite = decide;
    }
}
