using System.Text;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes;
using Slotwise.LocalKubernetes.Nodes.Environment;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class EnvironmentTests
{
    static readonly Objects World = new();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "a")]
    [InlineData("x$(A)y$(B)z", "xaybz")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$a")]
    [InlineData("$(UNKNOWN)", "$(UNKNOWN)")]
    [InlineData("$(A", "$(A")]
    [InlineData("$A costs $5$", "$A costs $5$")]
    [InlineData("$()", "$()")]
    public void References_are_expanded_as_kubernetes_does(string text, string expected) =>
        Assert.Equal(expected, ExpandVariables.In(text, new Dictionary<string, string> { ["A"] = "a", ["B"] = "b" }));

    [Theory]
    [InlineData("metadata.name", "web-1")]
    [InlineData("metadata.namespace", "shop")]
    [InlineData("metadata.uid", "u-1")]
    [InlineData("metadata.labels['app.kubernetes.io/name']", "web")]
    [InlineData("metadata.annotations['note']", "say \"hi\"")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations", "note=\"say \\\"hi\\\"\"")]
    [InlineData("spec.nodeName", "localkube-0")]
    [InlineData("spec.serviceAccountName", "web")]
    [InlineData("status.podIP", "10.128.0.9")]
    [InlineData("status.podIPs", "10.128.0.9")]
    [InlineData("status.hostIP", "10.128.0.1")]
    public void A_pod_can_read_its_fields(string path, string expected)
    {
        Assert.True(Fields().TryGet(path, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("limits.memory", "1Mi", "512")]
    [InlineData("limits.memory", null, "536870912")]
    [InlineData("requests.memory", null, "536870912")]
    [InlineData("limits.cpu", null, "1")]
    [InlineData("limits.cpu", "1m", "500")]
    [InlineData("limits.ephemeral-storage", null, "7")]
    [InlineData("requests.ephemeral-storage", null, "0")]
    public void Amounts_are_divided_and_rounded_up_and_a_missing_limit_is_what_the_host_has(string resource, string? divisor, string expected)
    {
        var selector = new V1ResourceFieldSelector { Resource = resource, Divisor = divisor is null ? (Quantity?)null : new Quantity(divisor) };
        Assert.True(Fields().TryGet(selector, Container(), out var value));
        Assert.Equal(expected, value);
    }

    [Fact]
    public void Variables_come_from_sources_then_from_the_list_and_see_only_earlier_ones_of_the_list()
    {
        var environment = BuildEnvironment.Of(
            Container() with
            {
                EnvFrom =
                [
                    new V1EnvFromSource { Prefix = "P_", ConfigMapRef = new V1OptionalReference { Name = "settings" } },
                    new V1EnvFromSource { SecretRef = new V1OptionalReference { Name = "missing", Optional = true } },
                ],
                Env =
                [
                    new V1EnvVar { Name = "NAME", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } } },
                    new V1EnvVar { Name = "HOST", Value = "$(NAME).web $(LATER) $(P_color)" },
                    new V1EnvVar { Name = "LATER", Value = "x" },
                    new V1EnvVar { Name = "PASSWORD", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1KeySelector { Name = "secrets", Key = "password" } } },
                    new V1EnvVar { Name = "NONE", ValueFrom = new V1EnvVarSource { ConfigMapKeyRef = new V1KeySelector { Name = "settings", Key = "absent", Optional = true } } },
                ],
            },
            Fields(),
            World);
        Assert.Equal("blue", environment["P_color"]);
        Assert.Equal("web-1.web $(LATER) $(P_color)", environment["HOST"]);
        Assert.Equal("hunter2", environment["PASSWORD"]);
        Assert.False(environment.ContainsKey("NONE"));
    }

    [Fact]
    public void What_is_missing_is_named_and_values_are_not()
    {
        var error = Assert.Throws<ContainerConfigException>(() => BuildEnvironment.Of(
            Container() with { Env = [new V1EnvVar { Name = "X", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1KeySelector { Name = "secrets", Key = "absent" } } }] }, Fields(), World));
        Assert.Equal("couldn't find key absent in Secret shop/secrets", error.Message);
        error = Assert.Throws<ContainerConfigException>(() => BuildEnvironment.Of(
            Container() with { EnvFrom = [new V1EnvFromSource { ConfigMapRef = new V1OptionalReference { Name = "nowhere" } }] }, Fields(), World));
        Assert.Equal("configmap \"nowhere\" not found", error.Message);
    }

    internal static PodFields Fields() => new(
        new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = "web-1",
                NamespaceProperty = "shop",
                Uid = "u-1",
                Labels = new Dictionary<string, string> { ["app.kubernetes.io/name"] = "web" },
                Annotations = new Dictionary<string, string> { ["note"] = "say \"hi\"" },
            },
            Spec = new V1PodSpec { NodeName = "localkube-0", ServiceAccountName = "web" },
        },
        "10.128.0.9",
        "10.128.0.1",
        new Dictionary<string, Quantity> { ["memory"] = "8Gi", ["cpu"] = "2", ["ephemeral-storage"] = "7" });

    static V1Container Container() => new()
    {
        Name = "main",
        Resources = new V1ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = "512Mi", ["cpu"] = "500m" } },
    };

    internal sealed class Objects : IConfigObjects
    {
        public V1ConfigMap? ConfigMap(NamespacedName name) => name == new NamespacedName("shop", "settings")
            ? new V1ConfigMap { Data = new Dictionary<string, string> { ["color"] = "blue" }, BinaryData = new Dictionary<string, string> { ["raw"] = "AAE=" } }
            : null;

        public V1Secret? Secret(NamespacedName name) => name == new NamespacedName("shop", "secrets")
            ? new V1Secret { Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes("hunter2") } }
            : null;

        public IEnumerable<V1Service> Services { get; init; } = [];

        public byte[] Token(V1Pod pod, V1ServiceAccountTokenProjection wanted) => Encoding.UTF8.GetBytes($"{pod.Metadata.Name} for {wanted.Audience}");
    }
}
