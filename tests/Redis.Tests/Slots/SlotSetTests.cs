using FsCheck;
using FsCheck.Fluent;

namespace Slotwise.Redis.Tests;

public sealed class SlotSetTests
{
    // a few slots, runs of them, the ends, and the edges of words are what matters
    static readonly Arbitrary<int[]> SomeSlots = Gen.OneOf(
            Gen.Choose(0, SlotSet.SlotCount - 1).ArrayOf(),
            Gen.Elements(0, 1, 62, 63, 64, 65, 127, 128, 8191, 8192, 16319, 16320, 16382, 16383).ArrayOf(),
            Gen.Choose(0, SlotSet.SlotCount - 1).SelectMany(first => Gen.Choose(first, Math.Min(first + 300, SlotSet.SlotCount - 1))
                .Select(last => Enumerable.Range(first, last - first + 1).ToArray())))
        .ToArbitrary();

    [Fact]
    public void It_holds_exactly_the_slots_it_was_given()
    {
        Prop.ForAll(SomeSlots, slots =>
        {
            var set = SlotSet.Of(slots);
            Assert.Equal(slots.Distinct().Order(), set);
            Assert.Equal(slots.Distinct().Count(), set.Count);
            Assert.All(slots, slot => Assert.True(set.Contains(slot)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Set_operations_are_those_of_sets()
    {
        Prop.ForAll(SomeSlots, SomeSlots, (left, right) =>
        {
            var a = SlotSet.Of(left);
            var b = SlotSet.Of(right);
            Assert.Equal(left.Union(right).Order(), a.Union(b));
            Assert.Equal(left.Except(right).Order(), a.Except(b));
            Assert.Equal(left.Intersect(right).Order(), a.Intersect(b));
            Assert.Equal(left.Intersect(right).Any(), a.Overlaps(b));
            Assert.Equal(!left.Except(right).Any(), a.IsSubsetOf(b));
            Assert.Equal(SlotSet.SlotCount - a.Count, a.Complement().Count);
            Assert.False(a.Overlaps(a.Complement()));
            Assert.True(a.Union(a.Complement()).IsFull);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sets_with_the_same_slots_are_equal_however_they_came_about()
    {
        Prop.ForAll(SomeSlots, SomeSlots, (left, right) =>
        {
            var a = SlotSet.Of(left);
            var b = SlotSet.Of(right);
            var round = a.Union(b).Except(b.Except(a));
            Assert.True(round == a);
            Assert.Equal(a.GetHashCode(), round.GetHashCode());
            Assert.Equal(left.ToHashSet().SetEquals(right), a == b);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Range_text_reads_back_as_the_same_set()
    {
        Prop.ForAll(SomeSlots, slots =>
        {
            var set = SlotSet.Of(slots);
            Assert.Equal(set, SlotSet.Parse(set.ToString()));
            Assert.Equal(set, SlotSet.Parse(set.ToString(' ')));
            Assert.Equal(set, SlotSet.FromRanges(set.Ranges));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Ranges_rise_and_never_touch()
    {
        Prop.ForAll(SomeSlots, slots =>
        {
            var set = SlotSet.Of(slots);
            var end = -2;
            foreach (var range in set.Ranges)
            {
                Assert.True(range.First > end + 1 && range.Last >= range.First);
                end = range.Last;
            }

            Assert.Equal(set.Count, set.Ranges.Sum(range => range.Count));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Take_gives_the_lowest_slots()
    {
        Prop.ForAll(SomeSlots, Gen.Choose(0, 400).ToArbitrary(), (slots, count) =>
            Assert.Equal(slots.Distinct().Order().Take(count), SlotSet.Of(slots).Take(count))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_builder_builds_what_was_added_and_starts_afresh()
    {
        Prop.ForAll(SomeSlots, SomeSlots, (first, second) =>
        {
            var builder = new SlotSetBuilder();
            Array.ForEach(first, builder.Add);
            Assert.Equal(SlotSet.Of(first), builder.Build());
            Array.ForEach(second, builder.Add);
            Assert.Equal(SlotSet.Of(second), builder.Build());
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("0", 1, "0")]
    [InlineData("16383", 1, "16383")]
    [InlineData("0-16383", 16384, "0-16383")]
    [InlineData("0-5460,5462", 5462, "0-5460,5462")]
    [InlineData("3,1,2", 3, "1-3")]
    [InlineData("1-4 3-9", 9, "1-9")]
    [InlineData("63-64", 2, "63-64")]
    public void Range_text(string text, int count, string printed)
    {
        var set = SlotSet.Parse(text);
        Assert.Equal(count, set.Count);
        Assert.Equal(printed, set.ToString());
    }

    [Theory]
    [InlineData("16384")]
    [InlineData("-1")]
    [InlineData("5-3")]
    [InlineData("1-")]
    [InlineData("a")]
    [InlineData("1--2")]
    [InlineData("0-99999999999")]
    public void What_is_no_range_text_is_refused(string text)
    {
        Assert.False(SlotSet.TryParse(text, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => SlotSet.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SlotSet.Of(SlotSet.SlotCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlotSet.Of(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlotSet.FromRange(5, 4));
        Assert.False(SlotSet.Full.Contains(-1));
        Assert.False(SlotSet.Full.Contains(SlotSet.SlotCount));
    }

    [Fact]
    public void Empty_and_full()
    {
        Assert.True(SlotSet.Empty.IsEmpty);
        Assert.True(SlotSet.Full.IsFull);
        Assert.Equal(SlotSet.Full, SlotSet.Empty.Complement());
        Assert.Equal(SlotSet.Empty, SlotSet.Full.Complement());
        Assert.Equal([new SlotRange(0, 16383)], SlotSet.Full.Ranges);
        Assert.Equal(-1, SlotSet.Empty.NextSlot(0));
    }
}
