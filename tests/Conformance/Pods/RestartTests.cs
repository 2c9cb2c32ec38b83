using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Containers that end and are started again in place.</summary>
public sealed class RestartTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("operator: law 4, containerID and lastState of a master that was restarted", NeedsPods = true)]
    public async Task A_container_restarted_in_place_shows_how_its_last_run_ended()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}]
            containers:
            - name: main
              command: [bash, -c, 'if [ -e /v/ran ]; then sleep 1000; fi; touch /v/ran; while [ ! -e /v/go ]; do sleep 0.1; done; exit 7']
              volumeMounts: [{name: v, mountPath: /v}]
            - name: helper
              command: [bash, -c, 'sleep 2; touch /v/go; sleep 1000']
              volumeMounts: [{name: v, mountPath: /v}]
            """);
        var before = await AwaitReadyAsync("a");
        var after = await AwaitAsync("a", pod => pod.IsReady && pod.Main.RestartCount == 1, "main to run again");

        Assert.Equal(before.Uid, after.Uid);
        Assert.Equal(before.PodIP, after.PodIP);
        Assert.NotEqual(before.Main.Id, after.Main.Id);
        Assert.Equal(before.Main.Id, (string?)after.Main.Last!["containerID"]);
        Assert.Equal(7, (int?)after.Main.Last["exitCode"]);
        Assert.Equal("Error", (string?)after.Main.Last["reason"]);
        Assert.Equal((string?)before.Main.Running!["startedAt"], (string?)after.Main.Last["startedAt"]);
        Assert.Equal(0, after.Container("helper").RestartCount);
        Assert.Equal(before.Container("helper").Id, after.Container("helper").Id);
    }

    [Case("user: kubectl get pods shows CrashLoopBackOff", NeedsPods = true)]
    public async Task A_container_that_keeps_failing_waits_longer_each_time()
    {
        var made = await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, command: [bash, -c, 'exit 5']}
            """);
        var pod = await AwaitAsync("a", pod => pod.Main.WaitingReason == "CrashLoopBackOff", "the back-off");

        Assert.Equal("Running", pod.Phase);
        Assert.Matches($@"^back-off \d+s restarting failed container=main pod=a_{Namespace}\({made.Uid}\)$", pod.Main.WaitingMessage);
        Assert.Equal(5, (int?)pod.Main.Last!["exitCode"]);
        Assert.False(pod.Main.Ready);
        Assert.Equal("ContainersNotReady", pod.Condition("Ready").Reason);
        Assert.Equal("containers with unready status: [main]", pod.Condition("Ready").Message);
        await AwaitEventAsync("a", "BackOff", $"Back-off restarting failed container main in pod a_{Namespace}({made.Uid})");
    }

    [Case("user: jobs beside the cluster", NeedsPods = true)]
    public async Task A_container_that_failed_and_then_succeeds_makes_its_pod_Succeeded_when_it_restarts_on_failure()
    {
        await CreateAsync("a", """
            restartPolicy: OnFailure
            volumes: [{name: v, emptyDir: {}}]
            containers:
            - name: main
              command: [bash, -c, '[ -e /v/ran ] && exit 0; touch /v/ran; exit 4']
              volumeMounts: [{name: v, mountPath: /v}]
            """);
        var pod = await AwaitPhaseAsync("a", "Succeeded");

        Assert.Equal(1, pod.Main.RestartCount);
        Assert.Equal(0, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal(4, (int?)pod.Main.Last!["exitCode"]);
    }

    [Case("operator: an image that does not exist becomes a condition", NeedsPods = true)]
    public async Task An_image_that_cannot_be_had_is_waited_for()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, image: 'localhost:1/no-such-image:1'}
            """);
        var pod = await AwaitAsync("a", pod => pod.Main.WaitingReason == "ImagePullBackOff", "the back-off");

        Assert.Equal("Pending", pod.Phase);
        Assert.StartsWith("Back-off pulling image \"localhost:1/no-such-image:1\"", pod.Main.WaitingMessage, StringComparison.Ordinal);
        await AwaitEventAsync("a", "Failed", "Failed to pull image \"localhost:1/no-such-image:1\"");
        await AwaitEventAsync("a", "Failed", "Error: ErrImagePull");
        await AwaitEventAsync("a", "BackOff", "Back-off pulling image \"localhost:1/no-such-image:1\"");
    }

    [Case("user: imagePullPolicy in spec", NeedsPods = true)]
    public async Task An_image_that_must_not_be_pulled_and_is_not_there_is_said_so()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, image: 'localhost:1/no-such-image:1', imagePullPolicy: Never}
            """);
        var pod = await AwaitAsync("a", pod => pod.Main.WaitingReason == "ErrImageNeverPull", "the refusal");

        Assert.Equal("Pending", pod.Phase);
        Assert.Equal("Container image \"localhost:1/no-such-image:1\" is not present with pull policy of Never", pod.Main.WaitingMessage);
    }

    [Case("operator: a bad image becomes a condition", NeedsPods = true)]
    public async Task An_image_name_that_is_none_is_said_so()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, image: 'Not/An::Image'}
            """);
        var pod = await AwaitAsync("a", pod => pod.Main.WaitingReason == "InvalidImageName", "the refusal");

        Assert.Contains("couldn't parse image name \"Not/An::Image\": invalid reference format", pod.Main.WaitingMessage, StringComparison.Ordinal);
    }

    [Case("operator: Secrets and ConfigMaps that come later than the pod", NeedsPods = true)]
    public async Task A_container_whose_environment_lacks_an_object_says_which_and_starts_once_it_is_there()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              command: [bash, -c, 'sleep 1000']
              env: [{name: X, valueFrom: {configMapKeyRef: {name: later, key: x}}}]
            """);
        var without = await AwaitAsync("a", pod => pod.Main.WaitingReason == "CreateContainerConfigError", "the refusal");
        Assert.Equal("configmap \"later\" not found", without.Main.WaitingMessage);
        Assert.Equal("Pending", without.Phase);

        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("later", ("y", "1")))).Expect(201);
        await AwaitAsync("a", pod => pod.Main.WaitingMessage == $"couldn't find key x in ConfigMap {Namespace}/later", "the key to be missed");

        (await Api.PatchAsync(Core("configmaps/later"), PatchType.Merge, new JsonObject { ["data"] = new JsonObject { ["x"] = "1" } })).Expect(200);
        await AwaitReadyAsync("a");
    }

    [Case("operator: Secrets that come later than the pod", NeedsPods = true)]
    public async Task A_pod_whose_volume_lacks_an_object_waits_for_it()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, secret: {secretName: later}}]
            containers:
            - name: main
              command: [bash, -c, 'echo $(cat /v/x); sleep 1000']
              volumeMounts: [{name: v, mountPath: /v}]
            """);
        await AwaitEventAsync("a", "FailedMount", "MountVolume.SetUp failed for volume \"v\" : secret \"later\" not found");
        var without = await GetAsync("a");
        Assert.Equal("Pending", without.Phase);
        Assert.Equal("ContainerCreating", without.Main.WaitingReason);

        (await Api.PostAsync(Core("secrets"), Manifest.Yaml("{apiVersion: v1, kind: Secret, metadata: {name: later}, stringData: {x: hello}}"))).Expect(201);

        await AwaitReadyAsync("a");
        await AwaitLogAsync("a", "hello");
    }

    [Case("operator: podTemplate with a wrong command", NeedsPods = true)]
    public async Task A_program_that_does_not_exist_ends_its_container_with_StartError()
    {
        await CreateAsync("a", """
            restartPolicy: Never
            containers:
            - {name: main, command: [no-such-program]}
            """);
        var pod = await AwaitPhaseAsync("a", "Failed");

        Assert.Equal(128, (int?)pod.Main.Terminated!["exitCode"]);
        Assert.Equal("StartError", (string?)pod.Main.Terminated["reason"]);
        Assert.Contains("exec: \"no-such-program\": executable file not found in $PATH", (string?)pod.Main.Terminated["message"], StringComparison.Ordinal);
    }
}
