using Slotwise.Entities.Validation;

namespace Slotwise.Entities.Tests.Validation;

public sealed class PodTemplateRulesTests
{
    [Theory]
    [InlineData("""{"kind":"Pod"}""", "kind")]
    [InlineData("""{"metadata":{"name":"x"}}""", "metadata.name")]
    [InlineData("""{"metadata":{"labels":{"slotwise.dev/cluster":"other"}}}""", "metadata.labels[slotwise.dev/cluster]")]
    [InlineData("""{"spec":{"hostNetwork":true}}""", "spec.hostNetwork")]
    [InlineData("""{"spec":{"hostPID":true}}""", "spec.hostPID")]
    [InlineData("""{"spec":{"hostIPC":true}}""", "spec.hostIPC")]
    [InlineData("""{"spec":{"restartPolicy":"Never"}}""", "spec.restartPolicy")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":0}}""", "spec.terminationGracePeriodSeconds")]
    [InlineData("""{"spec":{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","hostPath":{"path":"/"}}]}}""", "spec.volumes[1].hostPath")]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "spec.containers[0].name")]
    [InlineData("""{"spec":{"containers":[{"name":"redis","image":"x"}]}}""", "spec.containers[0].image")]
    [InlineData("""{"spec":{"containers":[{"name":"redis","securityContext":{"privileged":true}}]}}""", "spec.containers[0].securityContext")]
    [InlineData("""{"spec":{"containers":[{"name":"a","securityContext":{"privileged":true}}]}}""", "spec.containers[0].securityContext.privileged")]
    [InlineData("""{"spec":{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":true}}]}}""", "spec.containers[0].securityContext.allowPrivilegeEscalation")]
    [InlineData("""{"spec":{"initContainers":[{"name":"a","securityContext":{"capabilities":{"add":["SYS_ADMIN"]}}}]}}""", "spec.initContainers[0].securityContext.capabilities")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"hostPort":1}]}]}}""", "spec.containers[0].ports[0].hostPort")]
    [InlineData("\"text\"", "")]
    [InlineData("""{"metadata":{"labels":["a"]}}""", "metadata.labels")]
    [InlineData("""{"spec":{"containers":{"name":"x"}}}""", "spec.containers")]
    [InlineData("""{"spec":{"securityContext":{"runAsGroup":"wheel"}}}""", "spec.securityContext.runAsGroup")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":5}]}}""", "spec.containers[0].env")]
    [InlineData("""{"spec":{"volumes":[{"emptyDir":{}}]}}""", "spec.volumes[0]")]
    public void What_would_break_out_of_the_pod_is_refused(string template, string field)
    {
        Assert.False(RedisClusterValidation.TryValidate(RuleCases.Resource("orders", $"{{\"podTemplate\":{template}}}"), out var errors));
        Assert.Equal($"spec.podTemplate.{field}".TrimEnd('.'), Assert.Single(errors).Field);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"labels":{"team":"shop"},"annotations":{"a":"b"}}}""")]
    [InlineData("""{"spec":{"hostNetwork":false,"serviceAccountName":"x","dnsPolicy":"ClusterFirst"}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"redis","env":[{"name":"TZ","value":"UTC"}],"volumeMounts":[{"name":"x","mountPath":"/x"}]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"log","image":"x","securityContext":{"privileged":false,"capabilities":{"drop":["ALL"]}},"ports":[{"containerPort":1}]}]}}""")]
    public void What_stays_inside_of_the_pod_is_taken(string template) =>
        Assert.True(RedisClusterValidation.TryValidate(RuleCases.Resource("orders", $"{{\"podTemplate\":{template}}}"), out var errors), string.Join('\n', errors));

    [Fact]
    public void What_a_container_is_given_is_not_repeated()
    {
        RedisClusterValidation.TryValidate(
            RuleCases.Resource("orders", """{"podTemplate":{"spec":{"containers":[{"name":"redis","args":["--pass","hunter2"]}]}}}"""),
            out var errors);

        Assert.DoesNotContain("hunter2", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }
}
