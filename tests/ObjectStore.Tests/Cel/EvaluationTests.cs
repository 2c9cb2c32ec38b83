using Slotwise.ObjectStore.Cel;
using Slotwise.ObjectStore.Cel.Evaluation;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Tests.Cel;

/// <summary>Tables in the manner of cel-spec's "simple" conformance files: an expression, and what it comes to or fails with.</summary>
public sealed class EvaluationTests
{
    [Theory]
    [InlineData("1 + 2 * 3 == 7")]
    [InlineData("(1 + 2) * 3 == 9")]
    [InlineData("7 / 2 == 3 && -7 / 2 == -3 && 7 % 3 == 1 && -7 % 3 == -1")]
    [InlineData("10 - 4 - 3 == 3")]
    [InlineData("-9223372036854775808 < 0")]
    [InlineData("--1 == 1 && - 1 == -1")]
    [InlineData("!false && !!true")]
    [InlineData("1u + 2u == 3u && 0x1F == 31 && 0x1Fu == 31u")]
    [InlineData("1.5 + 1.5 == 3.0 && 1e3 == 1000.0 && .5 == 0.5 && 2.5e-1 == 0.25")]
    [InlineData("1 < 2u && 1 < 1.5 && 2u > 1.5 && dyn(1) == dyn(1.0) && dyn(1) == dyn(1u)")]
    [InlineData("dyn(9007199254740993) == dyn(9007199254740992.0) && dyn(1) < dyn(1e300)")]
    [InlineData("true ? true : 1 / 0 == 1")]
    [InlineData("true || 1 / 0 == 1")]
    [InlineData("1 / 0 == 1 || true")]
    [InlineData("!(false && 1 / 0 == 1)")]
    [InlineData("!(1 / 0 == 1 && false)")]
    [InlineData("'a' < 'b' && 'a' + 'b' == 'ab'")]
    [InlineData("b'abc' < b'abd' && b'a' + b'b' == b'ab' && size(b'\\xff\\x00') == 2")]
    [InlineData("'\\u00e9' == '\u00e9' && '\\x41\\101' == 'AA' && '\\n\\t\\\\\\'\\\"' == \"\\n\\t\\\\'\\\"\"")]
    [InlineData("r'\\d' == '\\\\d' && R\"\\n\" == '\\\\n'")]
    [InlineData("'''a\n'b'\n''' == 'a\\n\\'b\\'\\n' && \"\"\"x\"y\"\"\" == 'x\"y'")]
    [InlineData("size('h\u00e9llo \U0001F600') == 7 && size([1, 2]) == 2 && size({'a': 1}) == 1")]
    [InlineData("[1, 2] + [3] == [1, 2, 3] && [] == [] && [1, 2][1] == 2")]
    [InlineData("{'a': 1, 'b': 2}['b'] == 2 && {'a': 1}.a == 1 && 'a' in {'a': 1} && !('b' in {'a': 1})")]
    [InlineData("{1: 'x'}[dyn(1u)] == 'x'")]
    [InlineData("2 in [1, 2, 3] && !(4 in [1, 2, 3])")]
    [InlineData("has({'a': 1}.a) && !has({'a': 1}.b)")]
    [InlineData("[1, 2, 3].all(x, x > 0) && ![1, 2, 3].all(x, x > 1) && [].all(x, x > 0)")]
    [InlineData("[1, 2, 3].exists(x, x == 2) && ![].exists(x, x == 2)")]
    [InlineData("[1, 2, 3].exists_one(x, x > 2) && ![1, 2, 3].exists_one(x, x > 1)")]
    [InlineData("[1, 2, 3].map(x, x * 2) == [2, 4, 6] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]")]
    [InlineData("[1, 2, 3].filter(x, x > 1) == [2, 3] && {'a': 1, 'b': 2}.all(k, k in ['a', 'b'])")]
    [InlineData("[1, 2].all(x, [3, 4].all(y, x < y))")]
    [InlineData("[0, 1].exists(x, 1 / x == 1)")]
    [InlineData("![0, 1].all(x, 1 / x == 2)")]
    [InlineData("[1].map(x, x + 1).map(x, x * 10) == [20]")]
    [InlineData("int('12') == 12 && int(3.9) == 3 && int(-3.9) == -3 && uint(3) == 3u && double('1.5') == 1.5 && string(1.0) == '1' && string(1e21) == '1e+21'")]
    [InlineData("string(true) == 'true' && bool('true') && string(b'abc') == 'abc' && bytes('abc') == b'abc'")]
    [InlineData("type(1) == int && type('') == string && type(type(1)) == type && type([]) == list && type({}) == map && type(null) == null_type")]
    [InlineData("type(timestamp('2020-01-01T00:00:00Z')) == google.protobuf.Timestamp")]
    [InlineData("null == null && dyn(1) != dyn(null)")]
    [InlineData("timestamp('2023-01-01T00:00:00Z') + duration('1h') == timestamp('2023-01-01T01:00:00Z')")]
    [InlineData("timestamp('2023-01-01T00:00:00Z') - timestamp('2022-12-31T23:00:00Z') == duration('3600s')")]
    [InlineData("duration('1h30m').getMinutes() == 90 && duration('1.5s').getMilliseconds() == 1500 && string(duration('90s')) == '90s'")]
    [InlineData("timestamp('2023-05-06T07:08:09Z').getMonth() == 4 && timestamp('2023-05-06T07:08:09Z').getDate() == 6 && timestamp('2023-05-06T07:08:09Z').getHours('-02:00') == 5")]
    [InlineData("'hello'.startsWith('he') && 'hello'.endsWith('lo') && 'hello'.contains('ell')")]
    [InlineData("'foobar'.matches('^fo+b') && !'foo'.matches('^o') && matches('abc', 'b')")]
    [InlineData("!'a\\n'.matches('^a$') && 'a'.matches(r'^\\pL\\z') && '7'.matches('[[:digit:]]') && '\u0665'.matches(r'\\D')")]
    [InlineData("'a.b'.matches('^([a-z]{0,63}[.]?){0,50}$') && !'a_b'.matches('^([a-z]{0,63}[.]?){0,50}$')")]
    [InlineData("'10Gi'.find('^[0-9]+') == '10' && '10Gi'.find('x') == '' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'a1b22'.findAll('[0-9]+', 1) == ['1']")]
    [InlineData("[1, 2, 2].isSorted() && [1, 2].sum() == 3 && [1.5, 2.5].sum() == 4.0 && [3, 1].min() == 1 && [3, 1].max() == 3")]
    [InlineData("[duration('1m'), duration('1s')].sum() == duration('61s') && ['a', 'b', 'b'].indexOf('b') == 1 && ['a', 'b', 'b'].lastIndexOf('b') == 2 && [1].indexOf(2) == -1")]
    [InlineData("'tacocat'.charAt(3) == 'o' && 'hello mellow'.indexOf('ello') == 1 && 'hello mellow'.indexOf('ello', 2) == 7 && 'hello mellow'.lastIndexOf('ello') == 7")]
    [InlineData("['a', 'b'].join('-') == 'a-b' && 'TacoCat'.lowerAscii() == 'tacocat' && 'TacoC\u00c6t'.upperAscii() == 'TACOC\u00c6T'")]
    [InlineData("'hello hello'.replace('he', 'we') == 'wello wello' && 'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'ab'.replace('', '-') == '-a-b-'")]
    [InlineData("'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'ab'.split('') == ['a', 'b'] && 'a'.split(',', 0) == []")]
    [InlineData("'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco' && '  a '.trim() == 'a'")]
    [InlineData("'%s %d %.2f %b %x %%'.format([dyn('a'), dyn(7), dyn(1.5), dyn(5), dyn(255)]) == 'a 7 1.50 101 ff %'")]
    [InlineData("'%s'.format([[dyn(1), dyn('a'), dyn(duration('1s'))]]) == '[1, \"a\", duration(\"1s\")]'")]
    [InlineData("url('https://example.com:80/a/b?k=v&k=w').getHost() == 'example.com:80' && url('https://example.com:80/a').getPort() == '80' && url('https://example.com/a%20b').getEscapedPath() == '/a%20b'")]
    [InlineData("url('https://u:p@[::1]:80/x?k=v&k=w').getQuery() == {'k': ['v', 'w']} && url('/path').getScheme() == '' && isURL('https://a') && !isURL('a b') && url('https://[::1]:80').getHostname() == '::1'")]
    [InlineData("quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1.5').add(quantity('500m')) == quantity('2') && isQuantity('1Ki') && !isQuantity('1K')")]
    [InlineData("quantity('50k').asInteger() == 50000 && !quantity('1.5').isInteger() && quantity('200M').compareTo(quantity('0.2G')) == 0 && sign(quantity('-1')) == -1")]
    [InlineData("ip('192.168.0.1').family() == 4 && isIP('::1') && !isIP('127.0.0.01') && ip('::1').isLoopback() && ip('224.0.0.1').isLinkLocalMulticast() && !ip('255.255.255.255').isGlobalUnicast()")]
    [InlineData("cidr('192.168.0.0/24').containsIP('192.168.0.7') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.0')) && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')")]
    [InlineData("string(cidr('10.0.0.0/8')) == '10.0.0.0/8' && cidr('10.0.0.0/8').prefixLength() == 8 && ip.isCanonical('::1') && !ip.isCanonical('0:0::1')")]
    [InlineData("!format.dns1123Label().validate('my-name').hasValue() && format.dns1123Label().validate('-').hasValue() && format.named('uri').hasValue() && !format.named('x').hasValue()")]
    [InlineData("optional.of(1).hasValue() && !optional.none().hasValue() && optional.none().orValue(3) == 3 && optional.of(1).value() == 1")]
    [InlineData("{'a': 1}.?b.orValue(7) == 7 && {'a': {'b': 2}}.?a.b.value() == 2 && [1][?3].orValue(0) == 0 && {?'a': optional.none(), ?'b': optional.of(1)} == {'b': 1} && [?optional.of(1), ?optional.none()] == [1]")]
    [InlineData("optional.of(2).optMap(x, x * 2).value() == 4 && optional.of(2).optFlatMap(x, optional.of(x)).value() == 2 && !optional.none().optMap(x, x).hasValue()")]
    [InlineData("sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2]) && !sets.intersects([1], [2])")]
    [InlineData("true // and a comment")]
    public void What_is_true_in_the_language_is_true_here(string expression) => Assert.Equal(true, Evaluate(expression));

    [Theory]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("1 % 0 == 1", "modulus by zero")]
    [InlineData("9223372036854775807 + 1 == 0", "integer overflow")]
    [InlineData("-9223372036854775808 - 1 == 0", "integer overflow")]
    [InlineData("1u - 2u == 0u", "unsigned integer overflow")]
    [InlineData("int(dyn(9223372036854775808u)) == 0", "integer overflow")]
    [InlineData("[1][1] == 1", "index out of bounds: 1")]
    [InlineData("{'a': 1}['b'] == 1", "no such key: b")]
    [InlineData("{'a': 1}.b == 1", "no such key: b")]
    [InlineData("int(dyn('x')) == 1", "type conversion error from 'string' to 'int'")]
    [InlineData("int(dyn('99999999999999999999')) == 1", "type conversion error from 'string' to 'int'")]
    [InlineData("dyn('a') < dyn(1)", "no such overload")]
    [InlineData("dyn(1).startsWith('a')", "no such overload")]
    [InlineData("[0, 1].all(x, 1 / x == 1)", "division by zero")]
    [InlineData("false || 1 / 0 == 1", "division by zero")]
    [InlineData("true && 1 / 0 == 1", "division by zero")]
    [InlineData("duration(dyn('x')) == duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'")]
    [InlineData("'a'.charAt(5) == ''", "index out of range: 5")]
    [InlineData("([1] + []).filter(x, x > 1).min() == 1", "min called on empty list")]
    [InlineData("'a'.matches(dyn('('))", "error parsing regexp: missing closing ): `(`")]
    [InlineData("optional.none().value() == 1", "optional.none() dereference")]
    public void What_fails_in_the_language_fails_here(string expression, string message) =>
        Assert.Equal(new CelError(message), Evaluate(expression));

    [Theory]
    [InlineData("self", "ERROR: <input>:1:1: undeclared reference to 'self' (in container '')\n | self\n | ^")]
    [InlineData("1 + 'a' == 2", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a' == 2\n | ..^")]
    [InlineData("1 == 1.0", "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n | 1 == 1.0\n | ..^")]
    [InlineData("'a'.foo()", "ERROR: <input>:1:8: undeclared reference to 'foo' (in container '')\n | 'a'.foo()\n | .......^")]
    [InlineData("'a'.startsWith(1)", "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | 'a'.startsWith(1)\n | ..............^")]
    [InlineData("1 && true", "ERROR: <input>:1:1: expected type 'bool' but found 'int'\n | 1 && true\n | ^")]
    [InlineData("[1, 'a'] == []", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'] == []\n | ....^")]
    [InlineData("'a'.b == 1", "ERROR: <input>:1:4: type 'string' does not support field selection\n | 'a'.b == 1\n | ...^")]
    [InlineData("duration('x') == duration('1s')", "ERROR: <input>:1:10: invalid duration argument\n | duration('x') == duration('1s')\n | .........^")]
    [InlineData("'a'.matches('(')", "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^")]
    [InlineData("int('x') == 1", "program instantiation failed: type conversion error from 'string' to 'int'")]
    [InlineData("1.all(x, true)", "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | 1.all(x, true)\n | ^")]
    public void What_cannot_work_is_refused_before_it_runs(string expression, string problems)
    {
        Assert.False(CelProgram.TryCompile(expression, new Dictionary<string, CelType>(), out _, out var found));
        Assert.Equal(problems, found);
    }

    [Theory]
    [InlineData("1 +")]
    [InlineData("(1")]
    [InlineData("1 2")]
    [InlineData("'a")]
    [InlineData("a.in")]
    [InlineData("if")]
    [InlineData("9223372036854775808")]
    [InlineData("'\\q'")]
    [InlineData("has(a)")]
    [InlineData("[1].all(1, true)")]
    [InlineData("a ? b")]
    [InlineData("#")]
    [InlineData("")]
    public void What_is_no_expression_is_refused_with_its_place(string expression)
    {
        Assert.False(CelProgram.TryCompile(expression, new Dictionary<string, CelType>(), out _, out var found));
        Assert.StartsWith("ERROR: <input>:1:", found, StringComparison.Ordinal);
    }

    [Fact]
    public void Expressions_nested_without_end_are_refused()
    {
        Assert.False(CelProgram.TryCompile(new string('(', 100_000) + "1" + new string(')', 100_000), new Dictionary<string, CelType>(), out _, out var deep));
        Assert.Contains("recursion limit", deep, StringComparison.Ordinal);
        Assert.False(CelProgram.TryCompile($"1{string.Concat(Enumerable.Repeat("+1", 100_000))} == 1", new Dictionary<string, CelType>(), out _, out _));
        Assert.True(CelProgram.TryCompile($"true{string.Concat(Enumerable.Repeat(" && true", 10_000))}", new Dictionary<string, CelType>(), out var wide, out _));
        Assert.Equal(true, wide.Evaluate(new Dictionary<string, object>(), new Budget(CelProgram.CallLimit)));
    }

    [Fact]
    public void What_runs_too_long_is_ended()
    {
        var list = $"[{string.Join(",", Enumerable.Range(0, 200))}]";
        var program = Compile($"{list}.all(a, {list}.all(b, {list}.all(c, a + b + c >= 0)))");

        Assert.Throws<OverBudgetException>(() => program.Evaluate(new Dictionary<string, object>(), new Budget(CelProgram.CallLimit)));
    }

    static object Evaluate(string expression) => Compile(expression).Evaluate(new Dictionary<string, object>(), new Budget(CelProgram.CallLimit));

    static CelProgram Compile(string expression)
    {
        Assert.True(CelProgram.TryCompile(expression, new Dictionary<string, CelType>(), out var program, out var problems), problems);
        return program;
    }
}
