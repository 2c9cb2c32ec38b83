using System.Text.Json;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Tests.Json;

public sealed class ConverterTests
{
    [Theory]
    [InlineData("100m", "0.1")]
    [InlineData("1", "1")]
    [InlineData("1.5", "1.5")]
    [InlineData("1Ki", "1024")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("2Ei", "2305843009213693952")]
    [InlineData("1k", "1000")]
    [InlineData("3E", "3000000000000000000")]
    [InlineData("1e3", "1000")]
    [InlineData("12E2", "1200")]
    [InlineData("5n", "0.000000005")]
    [InlineData("-1", "-1")]
    [InlineData("0", "0")]
    public void Quantities_are_amounts(string text, string amount)
    {
        Assert.True(Quantity.TryParse(text, out var quantity));
        Assert.Equal(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), quantity.Amount);
        Assert.Equal(text, quantity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1 Gi")]
    [InlineData("1gi")]
    [InlineData("1Gib")]
    [InlineData("1,5")]
    [InlineData(null)]
    public void Other_texts_are_no_quantities(string? text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void A_quantity_may_be_written_as_a_number_and_keeps_its_text()
    {
        var claim = JsonSerializer.Deserialize("""{"spec":{"resources":{"requests":{"cpu":2,"storage":"1.0Gi"}}}}""", V1PersistentVolumeClaim.JsonTypeInfo)!;

        Assert.Equal("""{"requests":{"cpu":"2","storage":"1.0Gi"}}""", JsonSerializer.Serialize(claim.Spec!.Resources!, KubernetesJson.Default.V1ResourceRequirements));
    }

    [Fact]
    public void A_number_stays_a_number_and_a_text_a_text()
    {
        var service = JsonSerializer.Deserialize("""{"spec":{"ports":[{"port":1,"targetPort":80},{"port":2,"targetPort":"80"}]}}""", V1Service.JsonTypeInfo)!;

        Assert.True(service.Spec!.Ports![0].TargetPort!.Value.IsNumber);
        Assert.False(service.Spec.Ports[1].TargetPort!.Value.IsNumber);
        Assert.Contains("""[{"port":1,"targetPort":80},{"port":2,"targetPort":"80"}]""", JsonSerializer.Serialize(service, V1Service.JsonTypeInfo));
    }

    [Fact]
    public void Times_have_seconds_and_micro_times_six_digits()
    {
        var time = new DateTimeOffset(2026, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2)).AddTicks(9123);
        var lease = new V1Lease { Metadata = new V1ObjectMeta { CreationTimestamp = time }, Spec = new V1LeaseSpec { RenewTime = time } };

        var json = JsonSerializer.Serialize(lease, V1Lease.JsonTypeInfo);

        Assert.Contains("\"creationTimestamp\":\"2026-01-02T03:04:05Z\"", json);
        Assert.Contains("\"renewTime\":\"2026-01-02T03:04:05.678912Z\"", json);
        var read = JsonSerializer.Deserialize(json, V1Lease.JsonTypeInfo)!;
        Assert.Equal(time.UtcTicks / 10, read.Spec!.RenewTime!.Value.UtcTicks / 10);
        Assert.Equal(TimeSpan.Zero, read.Metadata.CreationTimestamp!.Value.Offset);
    }

    [Fact]
    public void Labels_keep_their_case_and_nulls_are_not_written()
    {
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Labels = new SortedDictionary<string, string> { ["App.Kubernetes.io/Name"] = "X" } } };

        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"labels":{"App.Kubernetes.io/Name":"X"}}}""", JsonSerializer.Serialize(map, V1ConfigMap.JsonTypeInfo));
    }

    [Fact]
    public void Secrets_are_base64_and_do_not_show_in_text()
    {
        var secret = JsonSerializer.Deserialize("""{"metadata":{"name":"s","namespace":"n"},"data":{"k":"cGFzcw=="}}""", V1Secret.JsonTypeInfo)!;

        Assert.Equal("pass"u8.ToArray(), secret.Data!["k"]);
        Assert.Equal("Secret n/s", secret.ToString());
    }
}
