using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Reading what containers write.</summary>
public sealed class LogTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("user: kubectl logs", NeedsPods = true)]
    public async Task The_log_of_a_pod_that_is_done_is_read_whole_or_in_part()
    {
        await CreateAsync("a", "restartPolicy: Never\ncontainers: [{name: main}]", "for i in 1 2 3 4 5; do echo line $i; done; echo complaint >&2");
        await AwaitPhaseAsync("a", "Succeeded");

        Assert.Equal(["line 1", "line 2", "line 3", "line 4", "line 5", "complaint"], Lines(await LogAsync("a")).Order(Comparer<string>.Create((a, b) => (a[0] == 'c' ? 1 : 0) - (b[0] == 'c' ? 1 : 0))));
        Assert.Equal(2, Lines(await LogAsync("a", "?tailLines=2")).Length);
        Assert.Equal("", await LogAsync("a", "?tailLines=0"));
        Assert.Equal(6, Lines(await LogAsync("a", "?sinceSeconds=3600")).Length);
        Assert.Equal(10, (await LogAsync("a", "?limitBytes=10")).Length);
        Assert.All(Lines(await LogAsync("a", "?timestamps=true")), line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(Z|[+-]\d\d:\d\d) (line \d|complaint)$", line));
    }

    [Case("user: kubectl logs -f", NeedsPods = true)]
    public async Task A_log_that_is_followed_ends_with_its_container()
    {
        await CreateAsync("a", "restartPolicy: Never\ncontainers: [{name: main}]", "echo first; sleep 2; echo last");
        await AwaitLogAsync("a", "first");

        Assert.Equal("first\nlast\n", await FollowAsync("a"));
    }

    [Case("user: kubectl logs --previous", NeedsPods = true)]
    public async Task The_log_of_the_run_before_is_kept()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}]}]
            """, "if [ -e /v/ran ]; then echo second run; sleep 1000; fi; touch /v/ran; echo first run; exit 1");
        await AwaitAsync("a", pod => pod.IsReady && pod.Main.RestartCount == 1, "the second run");

        Assert.Equal("first run\n", await LogAsync("a", "?previous=true"));
        Assert.Equal("second run\n", await AwaitLogAsync("a", "second"));
    }

    [Case("user: kubectl logs", NeedsPods = true)]
    public async Task A_container_that_never_started_says_why_it_has_no_log()
    {
        await CreateAsync("image", "terminationGracePeriodSeconds: 0\ncontainers: [{name: main, image: 'nowhere.invalid/nothing:1'}]");
        await CreateAsync("root", "terminationGracePeriodSeconds: 0\nsecurityContext: {runAsNonRoot: true, runAsUser: 0}\ncontainers: [{name: main}]", "sleep 1000");
        await CreateAsync("nowhere", "nodeSelector: {no: such}\ncontainers: [{name: main}]", "sleep 1000");
        await AwaitAsync("image", pod => pod.Main.WaitingReason == "ImagePullBackOff", "the back-off");
        var root = await AwaitAsync("root", pod => pod.Main.WaitingReason == "CreateContainerConfigError", "the refusal");

        // its status goes to and fro between the two while it is tried again
        Assert.Matches("""^container "main" in pod "image" is waiting to start: (trying and failing to pull image|image can't be pulled)$""", (await Api.GetAsync(Core("pods/image/log"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("container \"main\" in pod \"root\" is waiting to start: CreateContainerConfigError", (await Api.GetAsync(Core("pods/root/log"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Matches($@"^container's runAsUser breaks non-root policy \(pod: ""root_{Namespace}\(.*\)"", container: main\)$", root.Main.WaitingMessage);
        var none = await Api.GetAsync(Core("pods/nowhere/log"), "*/*");
        Assert.Equal((204, ""), (none.Status, none.Text));
    }

    [Case("user: kubectl logs", NeedsPods = true)]
    public async Task What_has_no_log_is_refused_with_the_reason()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, configMap: {name: later}}]
            containers:
            - {name: main, volumeMounts: [{name: v, mountPath: /v}]}
            - {name: other}
            """, "sleep 1000");
        await AwaitAsync("a", pod => pod.Main.WaitingReason == "ContainerCreating", "it to wait");

        Assert.Equal("container \"main\" in pod \"a\" is waiting to start: ContainerCreating", (await Api.GetAsync(Core("pods/a/log?container=main"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("previous terminated container \"main\" in pod \"a\" not found", (await Api.GetAsync(Core("pods/a/log?container=main&previous=true"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("container nobody is not valid for pod a", (await Api.GetAsync(Core("pods/a/log?container=nobody"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("a container name must be specified for pod a, choose one of: [main other]", (await Api.GetAsync(Core("pods/a/log"))).ExpectRefusal(400, "BadRequest").Message);
        Assert.Equal("pods \"b\" not found", (await Api.GetAsync(Core("pods/b/log"))).ExpectRefusal(404, "NotFound").Message);
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
