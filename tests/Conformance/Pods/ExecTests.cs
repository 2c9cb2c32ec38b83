using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Running a program in a container: <c>kubectl exec</c>, and <c>kubectl cp</c> by it.</summary>
public sealed class ExecTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    const string Both = "stdout=true&stderr=true";

    [Case("user: kubectl exec", NeedsPods = true)]
    public async Task Output_and_errors_come_apart_and_the_exit_code_with_them()
    {
        await StartAsync();

        foreach (var protocol in new[] { ExecSession.V4, ExecSession.V5 })
        {
            await using var session = await ExecSession.StartAsync(Api, Core("pods/a"), "container=main&" + Both, protocol, "bash", "-c", "echo out; echo err >&2; exit 3");
            Assert.Equal(protocol, session.Protocol);
            var end = await session.FinishAsync();

            Assert.Equal("out\n", end.Output);
            Assert.Equal("err\n", end.Errors);
            Assert.Equal(3, end.Code);
            Assert.Equal("Failure", (string?)end.Status["status"]);
            Assert.Equal("NonZeroExitCode", (string?)end.Status["reason"]);
            Assert.StartsWith("command terminated with non-zero exit code: ", (string?)end.Status["message"], StringComparison.Ordinal);
        }
    }

    [Case("user: kubectl exec -i, kubectl cp", NeedsPods = true)]
    public async Task Input_reaches_the_program_and_ends_when_it_is_closed()
    {
        await StartAsync();
        await using var session = await ExecSession.StartAsync(Api, Core("pods/a"), "container=main&stdin=true&" + Both, ExecSession.V5, "cat");
        await session.WriteAsync("hello\n");
        await session.WriteAsync(new string('x', 100_000));
        await session.CloseInputAsync();
        var end = await session.FinishAsync();

        Assert.Equal("hello\n" + new string('x', 100_000), end.Output);
        Assert.Equal(0, end.Code);
    }

    [Case("user: kubectl exec", NeedsPods = true)]
    public async Task It_runs_among_the_containers_own_processes_files_and_variables()
    {
        await StartAsync();

        var end = await ExecAsync("a", "main", "bash", "-c", "echo $GREETING; cat /tmp/mark; tr '\\0' ' ' < /proc/1/cmdline; hostname");

        Assert.StartsWith("hello\nhere\nbash -c ", end.Output, StringComparison.Ordinal);
        Assert.EndsWith("a\n", end.Output, StringComparison.Ordinal);
    }

    [Case("user: kubectl exec -it", NeedsPods = true)]
    public async Task A_terminal_has_a_size_that_changes()
    {
        await StartAsync();
        await using var session = await ExecSession.StartAsync(Api, Core("pods/a"), "container=main&stdin=true&stdout=true&tty=true", ExecSession.V5, "bash", "-c", "test -t 0 && test -t 1 && echo terminal; until [ \"$(stty size)\" = '33 77' ]; do sleep 0.05; done; read line; echo got $line");
        await session.ResizeAsync(77, 33);
        await session.WriteAsync("word\r");
        var end = await session.FinishAsync();

        Assert.Contains("terminal\r\n", end.Output, StringComparison.Ordinal);
        Assert.Contains("got word\r\n", end.Output, StringComparison.Ordinal);
        Assert.Equal(0, end.Code);
    }

    [Case("user: kubectl exec", NeedsPods = true)]
    public async Task A_program_that_does_not_exist_is_said_so()
    {
        await StartAsync();

        var end = await ExecAsync("a", "main", "no-such-program");

        Assert.Equal("Failure", (string?)end.Status["status"]);
        Assert.Contains("exec: \"no-such-program\": executable file not found in $PATH", (string?)end.Status["message"] + end.Errors, StringComparison.Ordinal);
    }

    [Case("user: kubectl exec -c", NeedsPods = true)]
    public async Task The_container_must_be_named_where_there_are_several_and_must_exist()
    {
        await StartAsync();

        var unnamed = (await Api.PostAsync(Core($"pods/a/exec?{Both}&command=true"), new JsonObject())).ExpectRefusal(400, "BadRequest");
        Assert.Equal("a container name must be specified for pod a, choose one of: [main other]", unnamed.Message);
        var unknown = (await Api.PostAsync(Core($"pods/a/exec?{Both}&container=nobody&command=true"), new JsonObject())).ExpectRefusal(400, "BadRequest");
        Assert.Equal("container nobody is not valid for pod a", unknown.Message);
        var missing = (await Api.PostAsync(Core($"pods/b/exec?{Both}&command=true"), new JsonObject())).ExpectRefusal(404, "NotFound");
        Assert.Equal("pods \"b\" not found", missing.Message);
    }

    async Task<PodState> StartAsync()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, env: [{name: GREETING, value: hello}]}
            - {name: other, command: [sleep, '1000']}
            """, "echo here > /tmp/mark; while :; do sleep 1; done");
        return await AwaitReadyAsync("a");
    }
}
