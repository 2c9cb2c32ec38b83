using FsCheck;
using FsCheck.Fluent;

namespace Slotwise.Redis.Tests;

public sealed class NodeIdTests
{
    [Fact]
    public void Text_reads_back_and_ids_order_as_their_texts()
    {
        var ids = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(20).Select(bytes => NodeId.FromBytes(bytes)).ToArbitrary();
        Prop.ForAll(ids, ids, (a, b) =>
        {
            Assert.Equal(a, NodeId.Parse(a.ToString()));
            Assert.Equal(a.ToString() == b.ToString(), a == b);
            Assert.Equal(Math.Sign(string.CompareOrdinal(a.ToString(), b.ToString())), Math.Sign(a.CompareTo(b)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("07c37dfeb235213a872192d90877d0cd55635b9")]
    [InlineData("07c37dfeb235213a872192d90877d0cd55635b911")]
    [InlineData("07c37dfeb235213a872192d90877d0cd55635bxx")]
    [InlineData("äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüä")]
    public void What_is_no_id_is_refused(string text)
    {
        Assert.False(NodeId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => NodeId.Parse(text));
    }
}
