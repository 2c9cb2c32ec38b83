using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>What a container finds around itself: variables, user, rights, names.</summary>
public sealed class ContainerTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    [Case("operator: announced addresses and identity by the downward API", NeedsPods = true)]
    public async Task Variables_are_set_from_fields_objects_and_one_another()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("c", ("K1", "one"), ("K2", "two")))).Expect(201);
        (await Api.PostAsync(Core("secrets"), Manifest.Yaml("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hush}}"))).Expect(201);
        var log = await RunAsync("a", "", """
            containers:
            - name: main
              command: [bash, -c, 'echo $NAME $NS $FROM_K1 $FROM_K2 $PASSWORD $JOINED $LITERAL $CPU ${OPTIONAL-none}; [ "$IP" = "$(hostname -i)" ] && echo ip; [ -n "$ID" -a -n "$HOST" -a -n "$NODE" ] && echo set; echo $0', $(NAME)-$(UNKNOWN)-$$(NAME)]
              resources: {limits: {cpu: 1500m}}
              envFrom: [{prefix: FROM_, configMapRef: {name: c}}]
              env:
              - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
              - {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
              - {name: ID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
              - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
              - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
              - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
              - {name: PASSWORD, valueFrom: {secretKeyRef: {name: s, key: password}}}
              - {name: OPTIONAL, valueFrom: {secretKeyRef: {name: s, key: nope, optional: true}}}
              - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
              - {name: JOINED, value: $(NAME)/$(PASSWORD)/$(LATER)}
              - {name: LITERAL, value: $$(NAME)}
              - {name: LATER, value: x}
            """);

        Assert.Equal($"a {Namespace} one two hush a/hush/$(LATER) $(NAME) 2 none\nip\nset\na-$(UNKNOWN)-$(NAME)\n", log);
    }

    [Case("operator: the restricted Pod Security Standard", NeedsPods = true)]
    public async Task User_groups_capabilities_and_a_root_that_cannot_be_written_are_as_asked()
    {
        var log = await RunAsync("a", "id -u; id -g; id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' '; echo; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status | tr -d '\\t'; touch /x 2>&1 | grep -o 'Read-only'; echo ok > /tmp/y && cat /tmp/y", """
            securityContext: {runAsUser: 1234, runAsGroup: 2345, fsGroup: 3456, supplementalGroups: [4567], runAsNonRoot: true}
            volumes: [{name: t, emptyDir: {}}]
            containers:
            - name: main
              securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
              volumeMounts: [{name: t, mountPath: /tmp}]
            """);

        Assert.Equal("1234\n2345\n2345 3456 4567 \nCapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\nRead-only\nok\n", log);
    }

    [Case("operator: runAsNonRoot with an image that is root", NeedsPods = true)]
    public async Task A_container_that_must_not_be_root_and_would_be_is_not_started()
    {
        await CreateAsync("a", """
            terminationGracePeriodSeconds: 0
            securityContext: {runAsNonRoot: true}
            containers: [{name: main}]
            """, "sleep 1000");
        var pod = await AwaitAsync("a", pod => pod.Main.WaitingReason == "CreateContainerConfigError", "the refusal");

        Assert.StartsWith("container has runAsNonRoot and image will run as root", pod.Main.WaitingMessage, StringComparison.Ordinal);
    }

    [Case("operator: stable names in announce-hostname", NeedsPods = true)]
    public async Task Host_names_and_their_files_are_as_asked()
    {
        var log = await RunAsync("a", "hostname; hostname -f; grep \"$(hostname -i)\" /etc/hosts | tr '\\t' ' '; tail -2 /etc/hosts | tr '\\t' ' '; cat /etc/resolv.conf", """
            hostname: me
            subdomain: us
            hostAliases: [{ip: 10.1.2.3, hostnames: [far, away]}]
            dnsPolicy: None
            dnsConfig: {nameservers: [10.1.2.4], searches: [example.com, example.org], options: [{name: ndots, value: '2'}, {name: edns0}]}
            containers: [{name: main}]
            """);

        var full = $"me.us.{Namespace}.svc.cluster.local";
        Assert.Matches(
            $@"^me\n{full}\n\S+ {full} me\n# Entries added by HostAliases\.\n10\.1\.2\.3 far away\nsearch example\.com example\.org\nnameserver 10\.1\.2\.4\noptions ndots:2 edns0\n$",
            log);
    }

    [Case("operator: a pod that is made again", NeedsPods = true)]
    public async Task A_pod_made_again_under_its_name_is_another_one()
    {
        const string Spec = "terminationGracePeriodSeconds: 0\ncontainers: [{name: main}]";
        await CreateAsync("a", Spec, "sleep 1000");
        var first = await AwaitReadyAsync("a");
        await RemoveAsync("a");
        await CreateAsync("a", Spec, "sleep 1000");
        var second = await AwaitReadyAsync("a");

        Assert.NotEqual(first.Uid, second.Uid);
        Assert.NotEqual(first.PodIP, second.PodIP);
        Assert.NotEqual(first.Main.Id, second.Main.Id);
        Assert.Equal(0, second.Main.RestartCount);
    }
}
