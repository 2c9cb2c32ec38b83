using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Hosts;

/// <summary>A Service's address leads to its ready pods, wherever they are.</summary>
public sealed class ServiceAddressTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Listen = "exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>7000,Listen=>50,ReuseAddr=>1); while($c=$s->accept){print $c \"$ENV{HOSTNAME}\\n\"; close $c}'";

    [Case("application: the client Service", NeedsPods = true)]
    public async Task An_address_leads_to_one_of_the_ready_pods_also_to_the_one_that_asks()
    {
        await ServeAsync("one");
        await ServeAsync("two");
        var address = await ServiceAsync();

        await AskAsync(address, 80);

        await SaysAsync("asker", log => log.Contains("one", StringComparison.Ordinal) && log.Contains("two", StringComparison.Ordinal), "an answer of each pod");
        var self = Manifest.Pod("self", $"{Ask(address, 80)} & {Listen}");
        self["metadata"]!["labels"]!["app"] = "served";
        (await Api.PostAsync(Core("pods"), self)).Expect(201);
        await SaysAsync("self", log => log.Contains("self", StringComparison.Ordinal), "an answer of itself");
    }

    [Case("application: the client Service", NeedsPods = true)]
    public async Task Without_ready_pods_nobody_answers_and_then_one_does()
    {
        var address = await ServiceAsync();
        await AskAsync(address, 80);
        await SaysAsync("asker", log => log.Contains("nothing", StringComparison.Ordinal), "no answer");

        await ServeAsync("one");

        await SaysAsync("asker", log => log.Contains("one", StringComparison.Ordinal), "an answer");
    }

    [Case("operator: its pod reaches the API server", NeedsPods = true)]
    public async Task The_API_server_is_at_the_address_of_the_service_kubernetes()
    {
        var service = (await Api.GetAsync("/api/v1/namespaces/default/services/kubernetes")).Expect(200);
        Assert.Equal(443, (int?)service["spec"]!["ports"]![0]!["port"]);
        var pod = Manifest.Pod("client", $"""
            while ! timeout 2 bash -c 'exec 3<>/dev/tcp/{service["spec"]!["clusterIP"]}/443'; do sleep 0.2; done
            echo reached it; exec sleep 1000
            """);
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);

        await SaysAsync("client", log => log.Contains("reached it", StringComparison.Ordinal), "a connection");
    }

    static string Ask(string address, int port) =>
        $"while :; do timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port} && head -n1 <&3' 2>/dev/null || echo nothing; sleep 0.05; done";

    async Task<string> ServiceAsync()
    {
        var made = (await Api.PostAsync(Core("services"), Manifest.Yaml("""
            metadata: {name: served}
            spec: {selector: {app: served}, ports: [{name: hello, port: 80, targetPort: 7000}]}
            """))).Expect(201);
        return (string)made["spec"]!["clusterIP"]!;
    }

    async Task ServeAsync(string name)
    {
        var pod = Manifest.Pod(name, Listen);
        pod["metadata"]!["labels"]!["app"] = "served";
        pod["spec"]!["containers"]![0]!["readinessProbe"] = Manifest.Yaml("{tcpSocket: {port: 7000}, periodSeconds: 1}");
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core($"pods/{name}"), now => now["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") == true, "to be ready");
    }

    async Task AskAsync(string address, int port)
    {
        (await Api.PostAsync(Core("pods"), Manifest.Pod("asker", Ask(address, port)))).Expect(201);
        await Api.AwaitAsync(Core("pods/asker"), pod => (string?)pod["status"]!["phase"] == "Running", "to run");
    }

    async Task SaysAsync(string pod, Func<string, bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var log = (await Api.GetAsync(Core($"pods/{pod}/log?tailLines=200"))).Text;
            if (condition(log))
            {
                return;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"waited 60 s for {what}; {pod} wrote: {log}");
            await Task.Delay(100, Cancel);
        }
    }
}
