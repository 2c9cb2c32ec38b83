namespace Slotwise.ObjectStore.Tests;

/// <summary>What an object must be like to be read at all, and what is said of fields that nobody knows.</summary>
public sealed class DecodingTests
{
    readonly World _world = new();

    [Theory]
    [InlineData("configmaps", """{"metadata":{"name":"a"},"data":{"k":1}}""", "json: cannot unmarshal number into Go struct field ConfigMap.data of type string")]
    [InlineData("configmaps", """{"metadata":{"name":"a"},"data":"x"}""", "json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string")]
    [InlineData("configmaps", """{"metadata":{"name":"a","labels":[]}}""", "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string")]
    [InlineData("pods", """{"metadata":{"name":"a"},"spec":{"containers":{}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container")]
    [InlineData("pods", """{"metadata":{"name":"a"},"spec":{"terminationGracePeriodSeconds":true}}""", "json: cannot unmarshal bool into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64")]
    [InlineData("secrets", """{"metadata":{"name":"a"},"data":{"k":"ab!d"}}""", "illegal base64 data at input byte 2")]
    public void Values_of_the_wrong_type_are_named_as_Go_names_them(string plural, string json, string why)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Create(plural, json));
        Assert.Equal("BadRequest", refused.Reason);
        Assert.EndsWith($": {why}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_and_doubled_fields_are_warned_of_or_refused()
    {
        var body = World.Parse("""{"metadata":{"name":"a"},"dat":{}}""");
        var options = new WriteOptions { Manager = "test", DuplicateFields = ["data.k"] };

        var made = _world.Store.Create(_world.Kind("configmaps"), "default", body, options);
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Store.Create(_world.Kind("configmaps"), "default", body, options with { Validation = FieldValidation.Strict }));

        Assert.Equal(["duplicate field \"data.k\"", "unknown field \"dat\""], made.Warnings);
        Assert.EndsWith("strict decoding error: duplicate field \"data.k\", unknown field \"dat\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_patch_that_makes_an_object_unreadable_is_invalid()
    {
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Patch("configmaps", "a", PatchType.Merge, """{"data":[1]}"""));
        Assert.Equal("Invalid", refused.Reason);
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"{", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x in 1", "unable to parse requirement: found '1' expected: '('")]
    [InlineData("=", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("x=a b", "found 'b', expected: ',' or 'end of string'")]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("x in (a", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("x=1,,", "found ',', expected: identifier after ','")]
    [InlineData("x>y", "unable to parse requirement: values[0]: Invalid value: \"y\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void What_is_no_selector_is_refused_in_the_words_of_apimachinery(string selector, string why)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Store.List(_world.Kind("configmaps"), null, new ListQuery { LabelSelector = selector }));
        Assert.Equal(why, refused.Message);
    }

    [Fact]
    public void Nobody_owns_what_the_server_decides()
    {
        _world.Create("services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":1}]}}""");
        var pod = _world.Create("pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");

        var service = Owned(_world.Get("services", "s"));
        Assert.DoesNotContain("f:clusterIP", service, StringComparison.Ordinal);
        Assert.DoesNotContain("f:status", service, StringComparison.Ordinal);
        Assert.Contains("f:sessionAffinity", service, StringComparison.Ordinal);
        Assert.DoesNotContain("f:tolerations", Owned(pod), StringComparison.Ordinal);
        Assert.DoesNotContain("f:metadata", Owned(pod), StringComparison.Ordinal);
        Assert.StartsWith("""{"f:spec":{"f:containers":{"k:""", Owned(pod), StringComparison.Ordinal);
    }

    static string Owned(JsonObject obj) =>
        Assert.Single(obj.Object("metadata").Array("managedFields")!.OfType<JsonObject>()).Object("fieldsV1")!.ToJsonString();
}
