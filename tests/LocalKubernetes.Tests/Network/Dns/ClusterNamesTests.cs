using System.Net;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Network.Dns;

namespace Slotwise.LocalKubernetes.Tests.Network.Dns;

public sealed class ClusterNamesTests
{
    readonly ClusterNames _names = new(
        new Known<V1Service>(
            Service("members", "None", new V1ServicePort { Name = "redis", Port = 6379 }),
            Service("clients", "10.96.3.4", new V1ServicePort { Name = "redis", Port = 6379 }, new V1ServicePort { Name = "stats", Port = 80, Protocol = "UDP" })),
        new Known<V1EndpointSlice>(new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Name = "members-1", NamespaceProperty = "shop", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "members" } },
            Ports = [new V1EndpointPort { Name = "redis", Port = 6379, Protocol = "TCP" }],
            Endpoints =
            [
                new V1Endpoint { Addresses = ["10.1.0.1"], Hostname = "m-0", Conditions = new V1EndpointConditions { Ready = true } },
                new V1Endpoint { Addresses = ["10.1.0.2"], Conditions = new V1EndpointConditions { Ready = true } },
                new V1Endpoint { Addresses = ["10.1.0.3"], Hostname = "m-2", Conditions = new V1EndpointConditions { Ready = false } },
            ],
        }),
        new Known<V1Namespace>(new V1Namespace { Metadata = new V1ObjectMeta { Name = "shop" } }));

    [Fact]
    public void A_headless_Service_has_the_addresses_of_what_is_ready()
    {
        Assert.Equal(["10.1.0.1", "10.1.0.2"], Addresses("members.shop.svc.cluster.local"));
        Assert.Equal(["10.1.0.1"], Addresses("M-0.Members.shop.svc.cluster.local."));
        Assert.Equal(["10.1.0.2"], Addresses("10-1-0-2.members.shop.svc.cluster.local"));
        Assert.Equal(DnsCode.NoSuchName, _names.Answer("m-2.members.shop.svc.cluster.local", DnsType.A).Code);
    }

    [Fact]
    public void A_Service_with_an_address_has_that()
    {
        Assert.Equal(["10.96.3.4"], Addresses("clients.shop.svc.cluster.local"));
        Assert.Single(_names.Answer("_redis._tcp.clients.shop.svc.cluster.local", DnsType.Service).Answers);
        Assert.Single(_names.Answer("_stats._udp.clients.shop.svc.cluster.local", DnsType.Service).Answers);
        Assert.Equal(DnsCode.NoSuchName, _names.Answer("_stats._tcp.clients.shop.svc.cluster.local", DnsType.Service).Code);
    }

    [Theory]
    [InlineData("members.shop.svc.cluster.local", DnsType.Ipv6, DnsCode.Ok)]
    [InlineData("shop.svc.cluster.local", DnsType.A, DnsCode.Ok)]
    [InlineData("svc.cluster.local", DnsType.A, DnsCode.Ok)]
    [InlineData("mall.svc.cluster.local", DnsType.A, DnsCode.NoSuchName)]
    [InlineData("other.shop.svc.cluster.local", DnsType.A, DnsCode.NoSuchName)]
    [InlineData("a.b.c.members.shop.svc.cluster.local", DnsType.A, DnsCode.NoSuchName)]
    [InlineData("example.com", DnsType.A, DnsCode.NoSuchName)]
    public void A_name_without_such_data_is_told_from_one_that_does_not_exist(string name, DnsType type, DnsCode code)
    {
        var answer = _names.Answer(name, type);

        Assert.Equal(code, answer.Code);
        Assert.Empty(answer.Answers);
        Assert.Equal(name.EndsWith("cluster.local", StringComparison.Ordinal), answer.Authority.Any(record => record.Type == DnsType.Start));
    }

    [Theory]
    [InlineData("4.3.96.10.in-addr.arpa", "clients.shop.svc.cluster.local")]
    [InlineData("1.0.1.10.in-addr.arpa", "m-0.members.shop.svc.cluster.local")]
    [InlineData("2.0.1.10.in-addr.arpa", "10-1-0-2.members.shop.svc.cluster.local")]
    public void An_address_leads_back_to_its_name(string name, string expected) =>
        Assert.Equal(DnsRecord.Encode(expected), Assert.Single(_names.Answer(name, DnsType.Pointer).Answers).Data);

    [Fact]
    public void What_does_not_fit_over_UDP_is_cut_and_said_so()
    {
        byte[] asked = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. DnsRecord.Encode("x.y"), 0, 1, 0, 1];
        Assert.True(DnsQuestion.TryRead(asked, out var question, out _));
        var many = new DnsAnswer(DnsCode.Ok, [.. Enumerable.Range(0, 100).Select(i => DnsRecord.Address("x.y", new IPAddress([10, 0, 0, (byte)i]), 30))], [], []);

        var overUdp = question.Write(many, question.LargestAnswer);
        var overTcp = question.Write(many, ushort.MaxValue);

        Assert.True(overUdp.Length <= 512);
        Assert.Equal(2, overUdp[2] & 2);
        Assert.Equal(0, overTcp[2] & 2);
        Assert.Equal(100, (overTcp[6] << 8) | overTcp[7]);
        Assert.Equal([0x12, 0x34], overTcp[..2]);
    }

    [Fact]
    public void What_is_no_question_is_refused()
    {
        Assert.False(DnsQuestion.TryRead([], out _, out _));
        Assert.False(DnsQuestion.TryRead([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 1], out _, out var code));
        Assert.Equal(DnsCode.Malformed, code);
        Assert.False(DnsQuestion.TryRead([0, 0, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], out _, out code));
        Assert.Equal(DnsCode.NotImplemented, code);
    }

    IEnumerable<string> Addresses(string name) => _names.Answer(name, DnsType.A).Answers.Select(record => new IPAddress(record.Data).ToString());

    static V1Service Service(string name, string address, params IReadOnlyList<V1ServicePort> ports) =>
        new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "shop" }, Spec = new V1ServiceSpec { ClusterIP = address, Ports = ports } };

    sealed class Known<T>(params IReadOnlyList<T> objects) : IObjectCache<T>
        where T : class, IKubernetesObject<T>
    {
        public bool HasSynced => true;

        public T? Get(NamespacedName name) => objects.FirstOrDefault(one => NamespacedName.Of(one) == name);

        public IReadOnlyList<T> List() => objects;

        public IReadOnlyList<T> OwnedBy(NamespacedName owner) => [];
    }
}
