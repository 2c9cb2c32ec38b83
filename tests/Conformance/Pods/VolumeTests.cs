using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>What containers find in their volumes, and how long it lives.</summary>
public sealed class VolumeTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("operator: clusters without storage lose their data with the pod", NeedsPods = true)]
    public async Task An_emptyDir_outlives_a_restart_of_its_container_and_not_its_pod()
    {
        const string Spec = """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, emptyDir: {}}, {name: m, emptyDir: {medium: Memory, sizeLimit: 16Mi}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}, {name: m, mountPath: /m}]}]
            """;
        const string Script = "stat -f -c %T /m; echo run >> /v/runs; echo run >> /m/runs; echo lines $(wc -l < /v/runs) $(wc -l < /m/runs); [ $(wc -l < /v/runs) = 2 ] || exit 1; sleep 1000";
        await CreateAsync("a", Spec, Script);
        await AwaitAsync("a", pod => pod.Main.RestartCount == 1 && pod.Main.Running is not null, "the second run");
        Assert.Equal("tmpfs\nlines 2 2\n", await AwaitLogAsync("a", "lines 2"));
        await RemoveAsync("a");

        await CreateAsync("a", Spec, Script);
        await AwaitAsync("a", pod => pod.Main.RestartCount == 1, "its first run to end");
        Assert.Equal("tmpfs\nlines 1 1\n", await AwaitLogAsync("a", "lines 1", "?previous=true"));
    }

    [Case("operator: persistent clusters", NeedsPods = true)]
    public async Task A_claim_outlives_its_pod()
    {
        (await Api.PostAsync(Core("persistentvolumeclaims"), Manifest.Yaml("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}}"))).Expect(201);
        const string Spec = """
            securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000}
            volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v, subPath: sub}]}]
            """;

        Assert.Equal("2000\n", await RunAsync("a", "echo kept > /v/file; stat -c %g /v", Spec));
        await RemoveAsync("a");
        Assert.Equal("kept\n", await RunAsync("a", "cat /v/file", Spec));
    }

    [Case("operator: the ConfigMap with redis.conf and scripts", NeedsPods = true)]
    public async Task A_ConfigMap_is_shown_by_links_that_change_all_at_once()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("c", ("a", "1"), ("b", "1")))).Expect(201);
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, configMap: {name: c, defaultMode: 0440}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /single, subPath: a}]}]
            """, """
            readlink /v/a; stat -L -c %a /v/a; echo $(readlink /v/..data) | cut -c1-4
            while :; do d=$(readlink /v/..data); one=$(cat /v/$d/a /v/$d/b 2>/dev/null); [ "$one" = 22 -o "$one" = 11 -o ! -e /v/$d ] || echo torn $one; [ "$one" = 22 ] && break; sleep 0.05; done
            echo new; ls -A /v | sort | tr '\n' ' '; cat /single; echo; echo end; sleep 1000
            """);
        await AwaitLogAsync("a", "..20");

        (await Api.PatchAsync(Core("configmaps/c"), PatchType.Merge, Manifest.Yaml("data: {a: '2', b: '2', c: '2'}"))).Expect(200);

        var log = await AwaitLogAsync("a", "end");
        Assert.StartsWith("..data/a\n440\n..20\nnew\n", log, StringComparison.Ordinal);
        Assert.Matches(@"new\n\.\.20\S+ \.\.data a b c 1\nend\n$", log);
    }

    [Case("operator: Secrets with ACL files and certificates", NeedsPods = true)]
    public async Task Keys_are_chosen_named_and_given_modes_and_what_is_optional_may_be_missing()
    {
        (await Api.PostAsync(Core("secrets"), Manifest.Yaml("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {x: hello, y: other}, data: {bytes: AP9C}}"))).Expect(201);

        var log = await RunAsync("a", "ls /v | tr '\\n' ' '; cat /v/deep/er; stat -L -c ' %a' /v/deep/er /v/raw; od -An -tx1 /v/raw; ls /none | wc -l; touch /v/x 2>&1 | grep -o 'Read-only'", """
            volumes:
            - {name: v, secret: {secretName: s, items: [{key: x, path: deep/er, mode: 0400}, {key: bytes, path: raw}]}}
            - {name: none, configMap: {name: missing, optional: true}}
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v, readOnly: true}, {name: none, mountPath: /none}]}]
            """);

        Assert.Equal("deep raw hello 400\n 644\n 00 ff 42\n0\nRead-only\n", log);
    }

    [Case("operator: projected volumes and the downward API", NeedsPods = true)]
    public async Task A_projected_volume_joins_sources_and_labels_are_followed()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("c", ("a", "1")))).Expect(201);
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes:
            - name: v
              projected:
                sources:
                - {configMap: {name: c}}
                - downwardAPI:
                    items:
                    - {path: labels, fieldRef: {fieldPath: metadata.labels}}
                    - {path: memory, resourceFieldRef: {containerName: main, resource: limits.memory, divisor: 1Mi}}
            containers: [{name: main, resources: {limits: {memory: 64Mi}}, volumeMounts: [{name: v, mountPath: /v}]}]
            """, "cat /v/a; grep app= /v/labels; cat /v/memory; echo; until grep -q new=.yes /v/labels; do sleep 0.1; done; echo seen; sleep 1000");
        Assert.Equal("1app=\"a\"\n64\n", await AwaitLogAsync("a", "64\n"));

        (await Api.PatchAsync(Core("pods/a"), PatchType.Merge, Manifest.Yaml("metadata: {labels: {new: 'yes'}}"))).Expect(200);

        await AwaitLogAsync("a", "seen");
    }

    [Case("start script: what a server at its gate is told by an annotation of its pod", NeedsPods = true)]
    public async Task A_downward_volume_has_an_annotation_as_soon_as_the_pod_gets_it()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, downwardAPI: {items: [{path: told, fieldRef: {fieldPath: "metadata.annotations['example.com/told']"}}]}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}]}]
            """, "wc -c < /v/told; until [ \"$(cat /v/told)\" = yes ]; do sleep 0.1; done; echo seen; sleep 1000");
        Assert.Equal("0\n", await AwaitLogAsync("a", "0\n"));

        (await Api.PatchAsync(Core("pods/a"), PatchType.Merge, Manifest.Yaml("metadata: {annotations: {example.com/told: 'yes'}}"))).Expect(200);

        await AwaitLogAsync("a", "seen");
    }

    [Case("user: kubectl describe pod", NeedsPods = true)]
    public async Task A_key_that_a_volume_lacks_is_told()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("c", ("a", "1")))).Expect(201);
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            volumes: [{name: v, configMap: {name: c, items: [{key: nope, path: nope}]}}]
            containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}]}]
            """, "sleep 1000");

        await AwaitEventAsync("a", "FailedMount", "MountVolume.SetUp failed for volume \"v\" : configmap references non-existent config key: nope");
    }
}
