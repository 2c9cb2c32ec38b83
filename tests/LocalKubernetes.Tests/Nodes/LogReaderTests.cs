using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class LogReaderTests
{
    [Fact]
    public async Task Who_follows_a_log_misses_nothing_when_its_file_is_begun_anew()
    {
        const int Lines = 800;
        await using var scratch = new ScratchInstance();
        var book = new LogBook(TimeProvider.System);
        var path = Path.Combine(scratch.Instance.PodsDirectory, "uid", "logs", "main", "0.log");
        using var log = book.Open(path);
        log.Write("stdout", "begin\n");
        var got = new List<string>();
        var following = Task.Run(async () =>
        {
            await foreach (var line in new PodLogs(scratch.Instance, book).ReadAsync(
                new PodLogQuery { Namespace = "n", Pod = "p", PodUid = "uid", Container = "main", Follow = true }, TestContext.Current.CancellationToken))
            {
                lock (got)
                {
                    got.Add(line.Text);
                }
            }
        });
        // longer than a part, and all of them longer than a file may be
        var rest = new string('é', 20_000);
        for (var i = 0; i < Lines; i++)
        {
            log.Write("stdout", $"{i} {rest}\n");
            while (i % 100 == 0)
            {
                lock (got)
                {
                    if (got.Count >= i)
                    {
                        break;
                    }
                }

                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }

        log.Dispose();
        await following;
        Assert.Equal(["begin", .. Enumerable.Range(0, Lines).Select(i => $"{i} {rest}")], got);
        Assert.True(new FileInfo(path).Length + new FileInfo(path + ContainerLog.OldSuffix).Length < 25_000_000);
    }
}
