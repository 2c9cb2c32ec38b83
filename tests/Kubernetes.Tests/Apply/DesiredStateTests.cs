using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Tests.Apply;

public sealed class DesiredStateTests
{
    [Theory]
    [InlineData("{a: 1}", "{a: 1, b: 2}")] // what is not desired may be anything
    [InlineData("{a: {b: x}}", "{a: {b: x, c: y}, d: 1}")]
    [InlineData("{a: null}", "{}")]
    [InlineData("{a: [1, 2]}", "{a: [1, 2]}")]
    [InlineData("{env: [{name: a, value: x}, {name: b, value: y}]}", "{env: [{name: b, value: y}, {name: a, value: x}]}")] // a map by name
    [InlineData("{env: [{name: a, value: x}]}", "{env: [{name: a, value: x}, {name: injected, value: y}]}")]
    [InlineData("{ports: [{containerPort: 1}, {containerPort: 2}]}", "{ports: [{containerPort: 2, protocol: TCP}, {containerPort: 1, protocol: TCP}]}")]
    [InlineData("{volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b}]}", "{volumeMounts: [{name: v, mountPath: /b}, {name: v, mountPath: /a}]}")] // one volume twice
    [InlineData("{hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]}", "{hostAliases: [{ip: 10.0.0.2}, {ip: 10.0.0.1, hostnames: [a]}]}")]
    [InlineData("{spread: [{topologyKey: zone, maxSkew: 1}]}", "{spread: [{topologyKey: host}, {topologyKey: zone, maxSkew: 1}]}")]
    [InlineData("{resources: {limits: {cpu: 1000m, memory: 1Gi}}}", "{resources: {limits: {cpu: '1', memory: 1024Mi}}}")]
    [InlineData("{requests: {cpu: 1}}", "{requests: {cpu: '1'}}")]
    [InlineData("{emptyDir: {sizeLimit: 1Gi}}", "{emptyDir: {sizeLimit: 1024Mi}}")]
    [InlineData("{labels: {}, value: '', ingress: []}", "{}")] // the server leaves out what is empty
    [InlineData("{replicas: 3}", "{replicas: 3.0}")]
    public void Is_satisfied(string desired, string live) =>
        Assert.True(DesiredState.IsSatisfiedBy(KubernetesYaml.Read(desired), KubernetesYaml.Read(live)));

    [Theory]
    [InlineData("{a: 1}", "{}")]
    [InlineData("{a: 1}", "{a: 2}")]
    [InlineData("{a: '80'}", "{a: 80}")] // the port named "80" is another one
    [InlineData("{a: false}", "{}")]
    [InlineData("{replicas: 0}", "{}")]
    [InlineData("{emptyDir: {}}", "{hostPath: {path: /}}")] // which volume it is is said by an empty object
    [InlineData("{a: {b: 1}}", "{a: x}")]
    [InlineData("{a: [1, 2]}", "{a: [2, 1]}")]
    [InlineData("{a: [1]}", "{a: [1, 2]}")]
    [InlineData("{a: []}", "{a: [1]}")]
    [InlineData("{env: [{name: a, value: x}]}", "{env: [{name: a, value: y}]}")]
    [InlineData("{env: [{name: a}]}", "{env: [{name: b}]}")]
    [InlineData("{volumeMounts: [{name: v, mountPath: /a}]}", "{volumeMounts: [{name: v, mountPath: /b}]}")]
    [InlineData("{limits: {cpu: 1000m}}", "{limits: {cpu: '2'}}")]
    [InlineData("{command: ['1']}", "{command: ['1000m']}")]
    [InlineData("{data: {size: 1Gi}}", "{data: {size: 1024Mi}}")] // no quantity: a text
    [InlineData("{ingress: [{ports: [{port: 1}]}]}", "{ingress: [{ports: [{port: 1}, {port: 2}]}]}")] // a hole in a policy
    [InlineData("{tolerations: [{key: a, effect: x}, {key: a, effect: y}]}", "{tolerations: [{key: a, effect: y}, {key: a, effect: x}]}")]
    public void Is_not_satisfied(string desired, string live) =>
        Assert.False(DesiredState.IsSatisfiedBy(KubernetesYaml.Read(desired), KubernetesYaml.Read(live)));

    [Fact]
    public void Nothing_satisfies_only_nothing()
    {
        Assert.True(DesiredState.IsSatisfiedBy(null, null));
        Assert.False(DesiredState.IsSatisfiedBy(KubernetesYaml.Read("{a: 1}"), null));
    }
}
