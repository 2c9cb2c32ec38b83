using Slotwise.ObjectStore.Schemas;

namespace Slotwise.ObjectStore.Tests;

/// <summary>What Kubernetes gives back is not always what was sent.</summary>
public sealed class CanonicalFormTests
{
    readonly World _world = new();

    [Theory]
    [InlineData("1000m", "1")]
    [InlineData("0.5", "500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1536Mi", "1536Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("100Ki", "100Ki")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0", "0")]
    [InlineData("2000", "2k")]
    [InlineData("128974848", "128974848")]
    [InlineData("50m", "50m")]
    [InlineData("-1000", "-1k")]
    public void Quantities_get_the_largest_suffix_that_loses_nothing(string given, string expected) => Assert.Equal(expected, CanonicalQuantity.Of(given));

    [Fact]
    public void Empty_values_of_built_in_kinds_are_left_out()
    {
        var pod = _world.Create("pods", """{"metadata":{"name":"p","labels":{},"annotations":null},"spec":{"hostNetwork":false,"nodeSelector":{},"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c","image":"i","args":[],"env":[{"name":"A","value":""}],"resources":{"limits":{"cpu":"1000m"}},"securityContext":{"privileged":false}}]}}""");
        Assert.False(pod.Object("metadata")!.ContainsKey("labels"));
        Assert.False(pod.Object("metadata")!.ContainsKey("annotations"));
        Assert.False(pod.Object("spec")!.ContainsKey("hostNetwork"));
        Assert.False(pod.Object("spec")!.ContainsKey("nodeSelector"));
        Assert.NotNull(pod.Object("spec").Array("volumes")![0].As()["emptyDir"]);
        var container = pod.Object("spec").Array("containers")![0].As();
        Assert.False(container.ContainsKey("args"));
        Assert.Equal("""[{"name":"A"}]""", container["env"]!.ToJsonString());
        Assert.Equal("1", container.At("resources.limits.cpu").AsText());
        Assert.False(container.Object("securityContext").Flag("privileged"));
    }

    [Fact]
    public void Empty_values_that_mean_something_are_kept()
    {
        Assert.Equal("", _world.Create("leases", """{"metadata":{"name":"l"},"spec":{"holderIdentity":"","leaseDurationSeconds":1}}""").At("spec.holderIdentity").AsText());
        Assert.Equal(0, _world.Create("statefulsets", """{"metadata":{"name":"s"},"spec":{"replicas":0,"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""").At("spec.replicas").AsNumber());
        Assert.Equal("", _world.Create("configmaps", """{"metadata":{"name":"m"},"data":{"k":""}}""").At("data.k").AsText());
    }

    [Fact]
    public void An_apply_in_another_spelling_writes_nothing()
    {
        const string Claim = """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"}}}}""";
        var first = _world.Apply("persistentvolumeclaims", Claim, "one");
        Assert.Equal("1Gi", first.At("spec.resources.requests.storage").AsText());
        Assert.Equal(Meta.ResourceVersion(first), Meta.ResourceVersion(_world.Apply("persistentvolumeclaims", Claim, "one")));
    }
}
