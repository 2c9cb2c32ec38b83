using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Slotwise.ObjectStore.Cel;
using Slotwise.ObjectStore.Cel.Evaluation;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Tests.Cel;

public sealed class CelProperties
{
    static readonly Dictionary<string, CelType> Variables = new() { ["a"] = CelType.Int, ["b"] = CelType.Int, ["s"] = CelType.Text, ["t"] = CelType.Text, ["x"] = CelType.Double };

    [Fact]
    public void Whole_numbers_are_exact_or_refused() => Prop.ForAll<long, long>((a, b) => CheckWhole(a, b)).QuickCheckThrowOnFailure();

    static void CheckWhole(long a, long b)
    {
        foreach (var (symbol, exact) in (IReadOnlyList<(string, Func<BigInteger, BigInteger, BigInteger>)>)[("+", BigInteger.Add), ("-", BigInteger.Subtract), ("*", BigInteger.Multiply)])
        {
            var expected = exact(a, b);
            var actual = Evaluate($"a {symbol} b", new() { ["a"] = a, ["b"] = b });
            Assert.Equal(expected >= long.MinValue && expected <= long.MaxValue ? (long)expected : CelError.IntOverflow, actual);
        }
    }

    [Fact]
    public void Order_and_equality_agree_whatever_the_types() => Prop.ForAll<long, double>((a, x) => CheckOrder(a, x)).QuickCheckThrowOnFailure();

    static void CheckOrder(long a, double x)
    {
        if (double.IsNaN(x))
        {
            return;
        }

        var values = new Dictionary<string, object> { ["a"] = a, ["x"] = x };
        var answers = ((string[])["a < x", "dyn(a) == dyn(x)", "a > x"]).Select(expression => (bool)Evaluate(expression, values)).ToList();
        Assert.Single(answers, answer => answer);
        Assert.Equal(answers[0], Evaluate("x > a", values));
    }

    [Fact]
    public void Text_in_a_literal_is_the_text() => Prop.ForAll<string>(text => CheckText(text)).QuickCheckThrowOnFailure();

    static void CheckText(string? text)
    {
        var given = new string([.. (text ?? "").Where(character => !char.IsSurrogate(character))]);
        var literal = string.Concat(given.Select(character => $"\\u{(int)character:x4}"));
        Assert.Equal(given, Evaluate($"'{literal}'", []));
        Assert.Equal(true, Evaluate("size(s) + size(t) == size(s + t) && (s + t).startsWith(s) && (s + t).endsWith(t)", new() { ["s"] = given, ["t"] = "x" }));
    }

    [Fact]
    public void A_field_name_survives_being_escaped() => Prop.ForAll<NonEmptyString>(name => CheckName(name)).QuickCheckThrowOnFailure();

    static void CheckName(NonEmptyString name)
    {
        if (FieldName.Escape(name.Get) is { } escaped)
        {
            Assert.Matches("^[A-Za-z_][A-Za-z0-9_]*$", escaped);
            Assert.Equal(name.Get, FieldName.Unescape(escaped));
        }
    }

    [Fact]
    public void Whatever_is_written_is_read_or_refused_and_never_breaks() => Prop.ForAll<string>(text => CheckAny(text)).QuickCheckThrowOnFailure();

    static void CheckAny(string? text)
    {
        var isRead = CelProgram.TryCompile(text ?? "", Variables, out _, out var problems);
        Assert.Equal(isRead, problems.Length == 0);
    }

    static object Evaluate(string expression, Dictionary<string, object> values)
    {
        Assert.True(CelProgram.TryCompile(expression, Variables, out var program, out var problems), problems);
        return program.Evaluate(values, new Budget(CelProgram.CallLimit));
    }
}
