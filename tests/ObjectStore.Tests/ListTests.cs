namespace Slotwise.ObjectStore.Tests;

public sealed class ListTests
{
    readonly World _world = new();

    [Fact]
    public void Pages_show_one_moment()
    {
        Create("a", "b", "c", "d", "e");
        var first = List(new ListQuery { Limit = 2 });
        Create("aa");
        _world.Delete("configmaps", "d");

        var second = List(new ListQuery { Limit = 2, Continue = first.Continue });
        var third = List(new ListQuery { Limit = 2, Continue = second.Continue });

        Assert.Equal(["a", "b", "c", "d", "e"], first.Items.Concat(second.Items).Concat(third.Items).Select(item => item.Key.Name));
        Assert.Equal(3, first.Remaining);
        Assert.Null(third.Continue);
        Assert.Equal(first.ResourceVersion, third.ResourceVersion);
    }

    [Fact]
    public void A_page_of_a_moment_that_is_forgotten_is_expired_and_can_be_gone_on_with_as_things_are()
    {
        Create("a", "b", "c");
        var first = List(new ListQuery { Limit = 1 });
        Create("aa");
        _world.Store.Compact();

        var refused = Assert.Throws<KubernetesApiException>(() => List(new ListQuery { Limit = 1, Continue = first.Continue }));

        Assert.True(refused.IsExpired);
        Assert.Equal(["aa", "b", "c"], List(new ListQuery { Continue = refused.Status.Metadata.Continue }).Items.Select(item => item.Key.Name));
    }

    [Fact]
    public void A_list_can_show_an_earlier_moment_exactly()
    {
        Create("a", "b");
        var then = _world.Store.ResourceVersion.ToString();
        _world.Delete("configmaps", "a");
        _world.Patch("configmaps", "b", PatchType.Merge, """{"data":{"k":"v"}}""");
        Create("c");

        var exactly = List(new ListQuery { ResourceVersion = then, Match = VersionMatch.Exact });

        Assert.Equal(["a", "b"], exactly.Items.Select(item => item.Key.Name));
        Assert.Null(exactly.Items[1].Json["data"]);
        Assert.All(exactly.Items, item => Assert.True(item.ResourceVersion <= exactly.ResourceVersion));
        Assert.Equal(["b", "c"], List(new ListQuery { ResourceVersion = then, Match = VersionMatch.NotOlderThan }).Items.Select(item => item.Key.Name));
    }

    [Fact]
    public void A_list_from_any_version_knows_no_pages()
    {
        Create("a", "b");
        Assert.Equal(2, List(new ListQuery { ResourceVersion = "0", Limit = 1 }).Items.Count);
    }

    [Theory]
    [InlineData("x=1", "a")]
    [InlineData("x==1", "a")]
    [InlineData("x!=1", "b c")]
    [InlineData("x in (1, 2)", "a b")]
    [InlineData("x notin (1,2)", "c")]
    [InlineData("x", "a b")]
    [InlineData("!x", "c")]
    [InlineData("x in (1,2),y", "b")]
    [InlineData("x>1", "b")]
    [InlineData("", "a b c")]
    public void Label_selectors_select(string selector, string expected)
    {
        _world.Create("configmaps", """{"metadata":{"name":"a","labels":{"x":"1"}}}""");
        _world.Create("configmaps", """{"metadata":{"name":"b","labels":{"x":"2","y":""}}}""");
        _world.Create("configmaps", """{"metadata":{"name":"c"}}""");
        Assert.Equal(expected, string.Join(' ', List(new ListQuery { LabelSelector = selector }).Items.Select(item => item.Key.Name)));
    }

    [Theory]
    [InlineData("x in (")]
    [InlineData("=1")]
    [InlineData("x y")]
    public void Bad_label_selectors_are_refused(string selector) =>
        Assert.True(Assert.Throws<KubernetesApiException>(() => List(new ListQuery { LabelSelector = selector })).IsInvalid);

    [Fact]
    public void Field_selectors_select_what_the_kind_offers()
    {
        _world.Create("secrets", """{"metadata":{"name":"a"},"type":"x/y"}""");
        _world.Create("secrets", """{"metadata":{"name":"b"}}""");
        var secrets = _world.Store.List(_world.Kind("secrets"), null, new ListQuery { FieldSelector = "type!=x/y" });
        Assert.Equal("b", Assert.Single(secrets.Items).Key.Name);

        var refused = Assert.Throws<KubernetesApiException>(() => List(new ListQuery { FieldSelector = "data.k=v" }));
        Assert.Contains("\"data.k\" is not a known field selector", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_are_two_views_of_the_same_objects()
    {
        _world.Store.Create(
            _world.Store.Kinds.Find("events.k8s.io", "v1", "events")!,
            "default",
            World.Parse("""{"metadata":{"name":"e"},"reason":"Moved","note":"here","regarding":{"kind":"Pod","name":"p"},"reportingController":"me"}"""),
            new WriteOptions { Manager = "test" });

        var core = Assert.Single(_world.Store.List(_world.Store.Kinds.Find("", "v1", "events")!, "default", new ListQuery { FieldSelector = "involvedObject.name=p" }).Items).Json;

        Assert.Equal(("v1", "here", "me", "p"), (core.Text("apiVersion"), core.Text("message"), core.Text("reportingComponent"), core.At("involvedObject.name").AsText()));
    }

    void Create(params string[] names)
    {
        foreach (var name in names)
        {
            _world.Create("configmaps", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        }
    }

    ListResult List(ListQuery query) => _world.Store.List(_world.Kind("configmaps"), "default", query);
}
