using FsCheck;
using FsCheck.Fluent;
using Slotwise.ObjectStore.Apply;

namespace Slotwise.ObjectStore.Tests;

/// <summary>What must hold for whatever several managers apply, in whatever order.</summary>
public sealed class ApplyProperties
{
    static readonly string[] Names = ["a", "b", "c", "d"];

    /// <summary>Some keys with some values, as one manager wants them.</summary>
    static readonly Gen<Dictionary<string, string>> Wishes =
        Gen.Choose(0, 4).ListOf(Names.Length).Select(values => Names.Zip(values).Where(pair => pair.Second > 0).ToDictionary(pair => pair.First, pair => $"{pair.Second}"));

    static readonly Arbitrary<(Dictionary<string, string> One, Dictionary<string, string> Two, Dictionary<string, string> Later)> Three =
        (from one in Wishes from two in Wishes from later in Wishes select (one, two, later)).ToArbitrary();

    [Fact]
    public void An_applied_field_has_the_applied_value_and_a_repetition_changes_nothing() => Prop.ForAll(Three, wishes =>
    {
        var world = new World();
        world.Apply("configmaps", Map(wishes.One), "one", force: true);
        world.Apply("configmaps", Map(wishes.Two), "two", force: true);
        var later = world.Apply("configmaps", Map(wishes.Later), "one", force: true);
        var again = world.Apply("configmaps", Map(wishes.Later), "one", force: true);
        return wishes.Later.All(pair => later.Object("data").Text(pair.Key) == pair.Value) && JsonNode.DeepEquals(later, again);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_field_exists_exactly_as_long_as_somebody_wants_it() => Prop.ForAll(Three, wishes =>
    {
        var world = new World();
        world.Apply("configmaps", Map(wishes.One), "one", force: true);
        world.Apply("configmaps", Map(wishes.Two), "two", force: true);
        var later = world.Apply("configmaps", Map(wishes.Later), "one", force: true);
        var expected = wishes.Later.Keys.Union(wishes.Two.Keys).Order();
        return expected.SequenceEqual((later.Object("data") ?? []).Select(pair => pair.Key).Order());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_apply_that_is_not_forced_changes_no_value_of_another() => Prop.ForAll(Three, wishes =>
    {
        var world = new World();
        world.Apply("configmaps", Map(wishes.One), "one");
        var differs = wishes.Two.Any(pair => wishes.One.TryGetValue(pair.Key, out var value) && value != pair.Value);
        try
        {
            var merged = world.Apply("configmaps", Map(wishes.Two), "two");
            return !differs && wishes.One.Concat(wishes.Two).All(pair => merged.Object("data").Text(pair.Key) == pair.Value);
        }
        catch (KubernetesApiException refused)
        {
            return differs && refused.IsConflict;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Field_sets_are_sets() => Prop.ForAll(Three, wishes =>
    {
        var (one, two) = (SetOf(wishes.One), SetOf(wishes.Two));
        return one.Union(two).Equals(two.Union(one))
            && one.Except(two).Intersect(two).IsEmpty
            && one.Except(two).Union(one.Intersect(two)).Equals(one)
            && FieldSet.From(one.ToFieldsV1()).Equals(one);
    }).QuickCheckThrowOnFailure();

    /// <summary>Without any wish it names no map: whoever applies an empty one owns the map itself, and has to be asked before somebody else makes it.</summary>
    static string Map(Dictionary<string, string> data)
    {
        var map = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "m" } };
        if (data.Count > 0)
        {
            map["data"] = new JsonObject(data.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        return map.ToJsonString();
    }

    static FieldSet SetOf(Dictionary<string, string> data) =>
        FieldSet.From(new JsonObject(data.Select(pair => KeyValuePair.Create($"f:{pair.Key}", (JsonNode?)new JsonObject { [$"f:{pair.Value}"] = new JsonObject() }))));
}
