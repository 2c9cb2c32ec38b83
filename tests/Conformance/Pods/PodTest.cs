using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>What cases about pods have in common: making them, waiting for a state, and reading what they wrote.</summary>
public abstract class PodTest(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    /// <summary>Creates a pod.</summary>
    /// <param name="name">Also its label <c>app</c>.</param>
    /// <param name="spec">What stands below <c>spec:</c>, in YAML. Containers without an image get the one with a shell.</param>
    /// <param name="script">What the first container runs in bash, unless it has a command.</param>
    protected async Task<PodState> CreateAsync(string name, string spec, string? script = null) => new((await Api.PostAsync(Core("pods"), Pod(name, spec, script))).Expect(201));

    protected static JsonObject Pod(string name, string spec, string? script = null)
    {
        var read = Manifest.Yaml(spec);
        foreach (var container in (read["containers"]!.AsArray()).Concat(read["initContainers"]?.AsArray() ?? []))
        {
            container!["image"] ??= Images.Shell;
        }

        if (script is not null)
        {
            read["containers"]![0]!["command"] ??= new JsonArray("bash", "-c", script);
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = name } },
            ["spec"] = read,
        };
    }

    protected async Task<PodState> AwaitAsync(string name, Func<PodState, bool> condition, string what, TimeSpan? within = null) =>
        new(await Api.AwaitAsync(Core($"pods/{name}"), json => condition(new PodState(json)), what, within));

    protected Task<PodState> AwaitReadyAsync(string name) => AwaitAsync(name, pod => pod.IsReady, "the pod to be ready");

    protected Task<PodState> AwaitPhaseAsync(string name, string phase) => AwaitAsync(name, pod => pod.Phase == phase, $"the pod to be {phase}");

    protected async Task<PodState> GetAsync(string name) => new((await Api.GetAsync(Core($"pods/{name}"))).Expect(200));

    /// <summary>Deletes a pod and waits until it is gone.</summary>
    protected async Task RemoveAsync(string name, int? graceSeconds = null)
    {
        await DeleteAsync(name, graceSeconds);
        await Api.AwaitGoneAsync(Core($"pods/{name}"));
    }

    protected async Task<PodState> DeleteAsync(string name, int? graceSeconds = null) =>
        new((await Api.DeleteAsync(Core($"pods/{name}"), graceSeconds is null ? null : new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1", ["gracePeriodSeconds"] = graceSeconds })).Expect(200));

    /// <summary>The whole log of a container.</summary>
    protected async Task<string> LogAsync(string name, string query = "")
    {
        var answer = await Api.GetAsync(Core($"pods/{name}/log{query}"), "*/*");
        Assert.True(answer.Status == 200, answer.ToString());
        return answer.Text;
    }

    /// <summary>Everything that a container writes until it ends. Begin before it does.</summary>
    protected Task<string> FollowAsync(string name, string container = "main") => LogAsync(name, $"?follow=true&container={container}");

    /// <summary>Waits until a container's log has a line; for what is not seen in its status.</summary>
    protected async Task<string> AwaitLogAsync(string name, string text, string query = "")
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await Api.GetAsync(Core($"pods/{name}/log{query}"), "*/*");
            if (answer.Status == 200 && answer.Text.Contains(text, StringComparison.Ordinal))
            {
                return answer.Text;
            }

            Assert.False(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(150), $"waited 150 s for a line with {text}: {answer}");
            await Task.Delay(100, Cancel);
        }
    }

    /// <summary>Runs a program in a container, without input.</summary>
    protected async Task<ExecOutcome> ExecAsync(string name, string container, params IEnumerable<string> command)
    {
        await using var session = await ExecSession.StartAsync(Api, Core($"pods/{name}"), $"container={container}&stdout=true&stderr=true", ExecSession.V4, command);
        return await session.FinishAsync();
    }

    /// <summary>Waits until people are told something about an object.</summary>
    /// <returns>The event.</returns>
    protected async Task<JsonObject> AwaitEventAsync(string name, string reason, string message)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var events = (await Api.GetAsync(Core("events"))).Expect(200)["items"]!.AsArray().Where(one => (string?)one!["involvedObject"]!["name"] == name).Select(one => one!.AsObject()).ToList();
            if (events.Find(one => (string?)one["reason"] == reason && ((string?)one["message"])?.Contains(message, StringComparison.Ordinal) == true) is { } found)
            {
                return found;
            }

            Assert.False(
                TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(60),
                $"waited 60 s for an event {reason} with \"{message}\"; there are:\n{string.Join('\n', events.Select(one => $"{one["reason"]}: {one["message"]}"))}");
            await Task.Delay(100, Cancel);
        }
    }

    /// <summary>What a script of bash writes in a pod of its own, which must succeed.</summary>
    /// <param name="name">The pod's.</param>
    /// <param name="script">Runs in the container <c>main</c>.</param>
    /// <param name="spec">As for <see cref="CreateAsync"/>.</param>
    protected async Task<string> RunAsync(string name, string script, string spec = "containers: [{name: main}]")
    {
        await CreateAsync(name, $"restartPolicy: Never\nterminationGracePeriodSeconds: 0\n{spec}", script);
        var end = await AwaitAsync(name, pod => pod.Phase is "Succeeded" or "Failed", "the pod to end");
        var log = await LogAsync(name, "?container=main");
        Assert.True(end.Phase == "Succeeded", $"{log}\n{end.Json}");
        return log;
    }
}
