using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Tests.Json;

public sealed class KubernetesYamlTests
{
    /// <summary>As <c>kubectl create --dry-run=client -o json</c> reads it.</summary>
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: \"true\"", """{"a":"true"}""")]
    [InlineData("a: true\nb: yes\nc: off\nd: n", """{"a":true,"b":true,"c":false,"d":false}""")] // YAML 1.1
    [InlineData("a:\nb: ~\nc: null\nd: ''", """{"a":null,"b":null,"c":null,"d":""}""")]
    [InlineData("a: 0644\nb: 0o17\nc: 0x1F\nd: 0b101\ne: -12\nf: 1_000", """{"a":420,"b":15,"c":31,"d":5,"e":-12,"f":1000}""")]
    [InlineData("a: 089\nb: 1.5\nc: 1e3\nd: .5\ne: 7.2-alpine", """{"a":89,"b":1.5,"c":1000,"d":0.5,"e":"7.2-alpine"}""")]
    [InlineData("a: 9223372036854775807\nb: 18446744073709551615", """{"a":9223372036854775807,"b":18446744073709551615}""")]
    [InlineData("a: 2026-01-01\nb: 2026-01-01T00:00:00Z\nc: 12:30:45", """{"a":"2026-01-01","b":"2026-01-01T00:00:00Z","c":"12:30:45"}""")]
    [InlineData("a: 10Gi\nb: 100m\nc: 1.2.3.4\nd: -x", """{"a":"10Gi","b":"100m","c":"1.2.3.4","d":"-x"}""")]
    [InlineData("8080: x\ntrue: z", """{"8080":"x","true":"z"}""")]
    [InlineData("a: [1, {b: c}, []]\nd: {}", """{"a":[1,{"b":"c"},[]],"d":{}}""")]
    [InlineData("- a\n- - b\n  - c\n- d: e\n  f: g", """["a",["b","c"],{"d":"e","f":"g"}]""")]
    [InlineData("a: |\n  x\n   y\n\nb: |-\n  1\nc: >\n  p\n  q\n", """{"a":"x\n y\n","b":"1","c":"p q\n"}""")]
    [InlineData("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", """{"a":{"b":1},"c":{"b":1},"d":{"e":2,"b":1}}""")]
    [InlineData("x: &x {b: 1, c: 1}\ny: &y {c: 2, d: 2}\nz:\n  <<: [*x, *y]\n  b: 0", """{"x":{"b":1,"c":1},"y":{"c":2,"d":2},"z":{"b":0,"c":1,"d":2}}""")]
    [InlineData("a: !!str 5\nb: ! 6", """{"a":"5","b":"6"}""")]
    [InlineData("# only\na: 'say ''x''' # a comment", """{"a":"say \u0027x\u0027"}""")]
    [InlineData("{\"a\": \"json\", \"b\": [1, true, null]}", """{"a":"json","b":[1,true,null]}""")]
    public void Reads_what_kubernetes_reads(string yaml, string json) => Assert.Equal(json, KubernetesYaml.Read(yaml)!.ToJsonString());

    [Fact]
    public void Reads_every_document_and_skips_empty_ones() =>
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], KubernetesYaml.ReadAll("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n").Select(document => document.ToJsonString()));

    [Theory]
    [InlineData("a: [1", "line ")]
    [InlineData("a: 1\na: 2", "line ")]
    [InlineData("a: .inf", "line 1, column 4: \".inf\" has no JSON form; quote it if it is meant as a text")]
    [InlineData("? [a]\n: b", "line 1: a key must be a text")]
    [InlineData("a:\n  <<: 5", "line 2: only a mapping can be merged")]
    [InlineData("a: 1\n---\nb: 2", "one document is expected here, and there are 2")]
    public void Says_where_it_cannot_read(string yaml, string message) =>
        Assert.StartsWith(message, Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Read(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_document_that_explodes_is_refused()
    {
        var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Join('\n', Enumerable.Range(1, 8).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]"));

        Assert.Contains("larger than", Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Read(yaml)).Message);
    }

    [Fact]
    public void Writes_block_style_with_quotes_only_where_needed()
    {
        var json = JsonNode.Parse("""{"kind":"X","spec":{"k":1,"s":"1","yes":"yes","e":"","l":[1,"a",{"b":true,"c":null}],"m":{},"z":[],"t":"x\ny\n","time":"2026-01-01","f":1.50,"colon":"a: b","port":"0x1F"}}""");

        const string Yaml = """
            kind: X
            spec:
              k: 1
              s: "1"
              "yes": "yes"
              e: ""
              l:
              - 1
              - a
              - b: true
                c: null
              m: {}
              z: []
              t: |
                x
                y
              time: "2026-01-01"
              f: 1.50
              colon: 'a: b'
              port: "0x1F"

            """;
        Assert.Equal(Yaml, KubernetesYaml.Write(json));
    }

    /// <summary>Whatever text there is, as a value or as a key, it comes back as that text.</summary>
    [Fact]
    public void Every_text_survives()
    {
        string[] nasty = ["", " ", "a ", " a", "\n", "a\n", "\na", "a\n\n", "a\r\nb", "\t", "-", "- a", "?", ":", "#", "a #b", "a: b", "{", "[", "*a", "&a", "!a", "|", ">", "%", "@", "`", "'", "\"", "~", "null", "1e3", "0b1", "1_0", "=", "<<", "...", "---", "ü", "\u2028", "\u0085", "\0", "\u001b", "😀", "on", "y", "012", ".5", "-.5", "+1", ".inf", "2026-01-01", "a\tb", "  x\ny"];
        foreach (var text in nasty)
        {
            AssertSurvives(text);
        }

        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<string>(text =>
        {
            AssertSurvives(string.Concat((text ?? "").Where(c => !char.IsSurrogate(c))));
        }));
    }

    static void AssertSurvives(string text)
    {
        var written = KubernetesYaml.Write(new JsonObject { ["k"] = text, ["l"] = new JsonArray(text), [text + "x"] = 1 });
        var read = KubernetesYaml.Read(written)!;
        Assert.Equal(text, read["k"]!.GetValue<string>());
        Assert.Equal(text, read["l"]![0]!.GetValue<string>());
        Assert.True(read.AsObject().ContainsKey(text + "x"), written);
    }
}
