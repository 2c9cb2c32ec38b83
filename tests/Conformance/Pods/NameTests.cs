using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Pods;

/// <summary>Names of Services and pods, asked from inside a pod.</summary>
public sealed class NameTests(ClusterUnderTest cluster) : PodTest(cluster)
{
    /// <summary>Asks the name server of /etc/resolv.conf one question each and writes the answers in hexadecimal; over TCP after the word tcp.</summary>
    const string Ask = """
        use IO::Socket::INET; open F, "/etc/resolv.conf"; my ($to) = map { /^nameserver (\S+)/ } <F>; my $proto = "udp";
        for (@ARGV) {
          if ($_ eq "tcp") { $proto = "tcp"; next }
          my ($name, $type) = split /,/; my $q = pack("n6", 4660, 256, 1, 0, 0, 0) . join("", map { pack("C/a", $_) } split /\./, $name) . "\0" . pack("nn", $type, 1);
          my $s = IO::Socket::INET->new(PeerAddr => $to, PeerPort => 53, Proto => $proto) or die "no server $to"; my $r;
          if ($proto eq "udp") { $s->send($q); my $in = ""; vec($in, fileno($s), 1) = 1; select($in, undef, undef, 5) or die "no answer"; $s->recv($r, 65535) }
          else { print $s pack("n/a", $q); $s->flush; read($s, my $n, 2); read($s, $r, unpack("n", $n)) }
          print unpack("H*", $r), "\n";
        }
        """;

    [Case("operator: pods find one another by their Service", NeedsPods = true)]
    public async Task A_headless_Service_has_the_addresses_of_its_ready_pods_and_each_of_them_its_own_name()
    {
        await CreateServiceAsync("s", "{clusterIP: None, selector: {part: member}, ports: [{name: redis, port: 6379}, {name: bus, port: 16379}]}");
        var one = await CreateMemberAsync("one", ready: true);
        var two = await CreateMemberAsync("two", ready: true);
        var three = await CreateMemberAsync("three", ready: false);
        await CreateAskerAsync();

        var all = await AwaitReplyAsync($"s.{Zone}", DnsReply.A, reply => reply.Answers.Count == 2);
        Assert.Equal(new[] { one.PodIP, two.PodIP }.Order(), all.Texts.Order());
        Assert.All(all.Answers, line => Assert.InRange(line.Seconds, 0, 30));
        Assert.Equal([one.PodIP], (await AskAsync($"one.s.{Zone}", DnsReply.A)).Texts);
        Assert.Equal([one.PodIP], (await AskAsync($"ONE.s.{Zone}", DnsReply.A)).Texts);
        var without = await AskAsync($"three.s.{Zone}", DnsReply.A);
        Assert.Equal(DnsReply.NoSuchName, without.Code);
        Assert.Contains(without.Authority, line => line.Type == DnsReply.Start);

        var services = await AskAsync($"_redis._tcp.s.{Zone}", DnsReply.Service);
        Assert.Equal([$"6379 one.s.{Zone}", $"6379 two.s.{Zone}"], services.Texts.Select(text => string.Join(' ', text.Split(' ')[2..])).Order());
        Assert.All(services.Texts, text => Assert.StartsWith("0 ", text, StringComparison.Ordinal));
        Assert.Equal(DnsReply.NoSuchName, (await AskAsync($"_other._tcp.s.{Zone}", DnsReply.Service)).Code);

        var other = await AskAsync($"s.{Zone}", DnsReply.Ipv6);
        Assert.Equal((DnsReply.Ok, 0), (other.Code, other.Answers.Count));
        Assert.Equal(all.Texts.Order(), (await AskAsync($"s.{Zone}", DnsReply.A, overTcp: true)).Texts.Order());
        Assert.NotEqual(three.PodIP, one.PodIP);
    }

    [Case("operator: members must find one another before they are ready", NeedsPods = true)]
    public async Task Pods_that_are_not_ready_have_names_too_where_the_Service_says_so()
    {
        await CreateServiceAsync("s", "{clusterIP: None, publishNotReadyAddresses: true, selector: {part: member}, ports: [{name: redis, port: 6379}]}");
        var one = await CreateMemberAsync("one", ready: false);
        await CreateAskerAsync();

        await AwaitReplyAsync($"one.s.{Zone}", DnsReply.A, reply => reply.Texts.SequenceEqual([one.PodIP!]));
        await RemoveAsync("one");
        await AwaitReplyAsync($"one.s.{Zone}", DnsReply.A, reply => reply.Code == DnsReply.NoSuchName);
    }

    [Case("user: the Service for clients", NeedsPods = true)]
    public async Task A_Service_with_an_address_has_it_under_its_name()
    {
        var address = await CreateServiceAsync("s", "{selector: {part: member}, ports: [{name: redis, port: 6379, targetPort: 7000}]}");
        await CreateAskerAsync();

        Assert.Equal([address], (await AwaitReplyAsync($"s.{Zone}", DnsReply.A, reply => reply.Answers.Count == 1)).Texts);
        Assert.EndsWith($" 6379 s.{Zone}", Assert.Single((await AskAsync($"_redis._tcp.s.{Zone}", DnsReply.Service)).Texts), StringComparison.Ordinal);
        Assert.Equal(DnsReply.NoSuchName, (await AskAsync($"t.{Zone}", DnsReply.A)).Code);
    }

    [Case("operator: the start script asks its siblings by their names", NeedsPods = true)]
    public async Task The_system_resolves_short_names_by_its_search_list()
    {
        await CreateServiceAsync("s", "{clusterIP: None, publishNotReadyAddresses: true, selector: {part: member}, ports: [{name: redis, port: 6379}]}");
        var one = await CreateMemberAsync("one", ready: true);
        await CreateAskerAsync();
        await AwaitReplyAsync($"one.s.{Zone}", DnsReply.A, reply => reply.Answers.Count == 1);

        foreach (var name in new[] { "one.s", $"one.s.{Namespace}", $"one.s.{Namespace}.svc", $"one.s.{Zone}", "s" })
        {
            var found = await ExecAsync("asker", "main", "getent", "ahostsv4", name);
            Assert.True(found.Code == 0 && found.Output.StartsWith(one.PodIP!, StringComparison.Ordinal), $"{name}: {found}");
        }

        Assert.Equal(2, (await ExecAsync("asker", "main", "getent", "ahostsv4", "nobody.s")).Code);
        Assert.Matches($@"^search {Namespace}\.svc\.cluster\.local svc\.cluster\.local cluster\.local( .*)?\nnameserver \S+\noptions ndots:5\n$", (await ExecAsync("asker", "main", "cat", "/etc/resolv.conf")).Output);
    }

    string Zone => $"{Namespace}.svc.cluster.local";

    async Task<string> CreateServiceAsync(string name, string spec)
    {
        var made = (await Api.PostAsync(Core("services"), Manifest.Yaml($"{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {spec}}}"))).Expect(201);
        return (string)made["spec"]!["clusterIP"]!;
    }

    /// <summary>A pod with the name of its own below <c>s</c>, which has an address.</summary>
    async Task<PodState> CreateMemberAsync(string name, bool ready)
    {
        var pod = Pod(name, $"terminationGracePeriodSeconds: 0\nhostname: {name}\nsubdomain: s\ncontainers: [{{name: main, readinessProbe: {{exec: {{command: ['{(ready ? "true" : "false")}']}}, periodSeconds: 1}}}}]", "sleep 1000");
        pod["metadata"]!["labels"]!["part"] = "member";
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        return await AwaitAsync(name, state => state.PodIP is not null && state.Main.Running is not null && state.IsReady == ready, "it to run");
    }

    async Task CreateAskerAsync()
    {
        await CreateAsync("asker", "terminationGracePeriodSeconds: 0\ncontainers: [{name: main}]", "sleep 1000");
        await AwaitReadyAsync("asker");
    }

    async Task<DnsReply> AskAsync(string name, int type, bool overTcp = false)
    {
        var end = await ExecAsync("asker", "main", ["perl", "-e", Ask, .. overTcp ? ["tcp"] : Array.Empty<string>(), $"{name},{type}"]);
        Assert.True(end.Code == 0, end.ToString());
        return DnsReply.Read(Convert.FromHexString(end.Output.Trim()));
    }

    async Task<DnsReply> AwaitReplyAsync(string name, int type, Func<DnsReply, bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var reply = await AskAsync(name, type);
            if (condition(reply))
            {
                return reply;
            }

            Assert.False(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(90), $"waited 90 s for another answer about {name}: {reply.Code} {string.Join(", ", reply.Texts)}");
            await Task.Delay(200, Cancel);
        }
    }
}
