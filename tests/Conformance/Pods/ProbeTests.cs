using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Startup, readiness and liveness probes, and what follows from them.</summary>
public sealed class ProbeTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    /// <summary>Answers every path with 200, /bad with 500, and says what it was asked.</summary>
    internal const string HttpServer = """
        exec perl -MIO::Socket::INET -e '$| = 1; $SIG{TERM} = sub { exit 0 };
        my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1) or die; print "up\n";
        while (1) {
          my $c = $s->accept() or next; my $line = <$c>; next unless defined $line; print $line; while (<$c>) { last if /^\r?\n$/ }
          print $c $line =~ m{ /bad } ? "HTTP/1.0 500 No\r\n\r\nnot well\n" : "HTTP/1.0 200 OK\r\n\r\nok\n"; close $c;
        }'
        """;

    [Case("operator: startup succeeds while loading", NeedsPods = true)]
    public async Task A_container_is_started_only_when_its_startup_probe_succeeds_and_asked_for_readiness_only_then()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              command: [bash, -c, 'sleep 3; touch /tmp/started; sleep 1000']
              startupProbe: {exec: {command: [bash, -c, 'test -e /tmp/started']}, periodSeconds: 1, failureThreshold: 60}
              readinessProbe: {exec: {command: [bash, -c, 'test -e /tmp/started || touch /tmp/early; test ! -e /tmp/early']}, periodSeconds: 1}
            """);
        var running = await AwaitAsync("a", pod => pod.Main.Running is not null, "it to run");
        Assert.False(running.Main.Started);
        Assert.False(running.Main.Ready);
        Assert.Equal("containers with unready status: [main]", running.Condition("Ready").Message);

        var ready = await AwaitReadyAsync("a");
        Assert.True(ready.Main.Started);
        Assert.Equal(0, ready.Main.RestartCount);
    }

    [Case("operator: a server that never starts is started again", NeedsPods = true)]
    public async Task A_container_whose_startup_probe_fails_for_good_is_started_again()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}]
            containers:
            - name: main
              command: [bash, -c, 'echo run >> /v/runs; sleep 1000']
              volumeMounts: [{name: v, mountPath: /v}]
              startupProbe: {exec: {command: [bash, -c, 'test $(wc -l < /v/runs) -gt 1']}, periodSeconds: 1, failureThreshold: 2}
            """);
        var pod = await AwaitAsync("a", pod => pod.IsReady && pod.Main.RestartCount == 1, "the second run");

        Assert.Equal(137, (int?)pod.Main.Last!["exitCode"]);
        await AwaitEventAsync("a", "Unhealthy", "Startup probe failed");
        await AwaitEventAsync("a", "Killing", "Container main failed startup probe, will be restarted");
    }

    [Case("operator: readiness of the local server", NeedsPods = true)]
    public async Task Readiness_comes_and_goes_with_its_thresholds()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              command: [bash, -c, 'touch /tmp/well; while :; do sleep 4; rm -f /tmp/well; sleep 4; touch /tmp/well; done']
              readinessProbe: {exec: {command: [bash, -c, 'echo looked; test -e /tmp/well']}, periodSeconds: 1, failureThreshold: 2, successThreshold: 2}
            """);
        var ready = await AwaitReadyAsync("a");
        var since = ready.Condition("Ready").LastTransitionTime;
        var unready = await AwaitAsync("a", pod => !pod.IsReady, "it to be unready");

        Assert.Equal("ContainersNotReady", unready.Condition("Ready").Reason);
        Assert.NotEqual(since, unready.Condition("Ready").LastTransitionTime);
        Assert.Equal("Running", unready.Phase);
        Assert.True(unready.Main.Started);
        await AwaitEventAsync("a", "Unhealthy", "Readiness probe failed: looked");
        var again = await AwaitReadyAsync("a");
        Assert.Equal(0, again.Main.RestartCount);
        Assert.Equal(ready.Main.Id, again.Main.Id);
    }

    [Case("operator: liveness takes any reply as life", NeedsPods = true)]
    public async Task A_container_whose_liveness_probe_fails_is_killed_with_the_probes_own_grace_and_started_again()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 600
            volumes: [{name: v, emptyDir: {}}]
            containers:
            - name: main
              command: [bash, -c, 'trap "" TERM; echo run >> /v/runs; while :; do sleep 0.05; done']
              volumeMounts: [{name: v, mountPath: /v}]
              livenessProbe: {exec: {command: [bash, -c, 'test $(wc -l < /v/runs) -gt 1']}, periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 1}
            """);
        var pod = await AwaitAsync("a", pod => pod.Main.RestartCount == 1 && pod.Main.Running is not null, "the second run");

        Assert.Equal(137, (int?)pod.Main.Last!["exitCode"]);
        Assert.Equal("Error", (string?)pod.Main.Last["reason"]);
        await AwaitEventAsync("a", "Unhealthy", "Liveness probe failed");
        await AwaitEventAsync("a", "Killing", "Container main failed liveness probe, will be restarted");
        await DeleteAsync("a", 0);
    }

    [Case("user: metrics sidecars in podTemplate", NeedsPods = true)]
    public async Task Probes_speak_HTTP_and_TCP_to_the_pods_address()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              ports: [{name: http, containerPort: 8080}]
              startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 30}
              readinessProbe: {httpGet: {port: http, path: /fine, httpHeaders: [{name: X-From, value: here}]}, periodSeconds: 1}
            """, HttpServer);
        await AwaitReadyAsync("a");
        await AwaitLogAsync("a", "GET /fine HTTP/1.1");
    }

    [Case("user: metrics sidecars in podTemplate", NeedsPods = true)]
    public async Task A_bad_answer_over_HTTP_is_told_with_its_status()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              readinessProbe: {httpGet: {port: 8080, path: /bad}, periodSeconds: 1}
            - name: nobody
              command: [sleep, '1000']
              readinessProbe: {tcpSocket: {port: 8081}, periodSeconds: 1}
            """, HttpServer);

        await AwaitEventAsync("a", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500");
        await AwaitEventAsync("a", "Unhealthy", "connect: connection refused");
        Assert.False((await GetAsync("a")).IsReady);
    }

    [Case("operator: a probe that hangs is no success", NeedsPods = true)]
    public async Task A_probe_that_takes_too_long_has_failed()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              command: [bash, -c, 'sleep 1000']
              readinessProbe: {exec: {command: [bash, -c, 'sleep 5; exit 0']}, periodSeconds: 1, timeoutSeconds: 1}
            """);

        await AwaitEventAsync("a", "Unhealthy", "Readiness probe");
        Assert.False((await GetAsync("a")).IsReady);
    }
}
