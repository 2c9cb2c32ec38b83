using System.Text.RegularExpressions;

namespace Slotwise.Entities.Validation;

public static partial class RedisClusterRules
{
    const string ServiceNamePattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
    const string DirectivePattern = "^[a-z][a-z0-9._-]*$";
    const string NodeTimeoutPattern = "^([2-9][0-9]{3}|[1-5][0-9]{4}|60000)$";
    const string ValidityFactorPattern = "^[1-9][0-9]{0,4}$";

    static IEnumerable<ValidationRule> Config() =>
    [
        new()
        {
            Id = "directive-name",
            Path = "spec.config",
            Cel = $"self.all(k, k.matches('{DirectivePattern}'))",
            Message = "config takes directives in lower case, such as maxmemory-policy: write the name so",
            Check = cluster => Keys(cluster, key => !DirectiveName().IsMatch(key)),
        },
        new()
        {
            Id = "directive-owned",
            Path = "spec.config",
            Cel = $"!self.exists(k, {OwnedDirectives.Cel})",
            Message = $"config must not hold what the operator sets itself, which is {OwnedDirectives.Text}: remove it",
            Check = cluster => Keys(cluster, OwnedDirectives.Contains),
        },
        new()
        {
            Id = "directive-alias",
            Path = "spec.config",
            Cel = "!self.exists(k, k.contains('slave'))",
            Message = "config takes one name for each directive, so that none is set twice: write replica where the old name says slave",
            Check = cluster => Keys(cluster, key => key.Contains("slave", StringComparison.Ordinal)),
        },
        new()
        {
            Id = "node-timeout",
            Path = "spec.config",
            Cel = $"!('cluster-node-timeout' in self) || string(self['cluster-node-timeout']).matches('{NodeTimeoutPattern}')",
            Message = "config.cluster-node-timeout must be 2000 to 60000 milliseconds: below, a pause of the host is taken for a failure, above, a failure goes unnoticed; write a value in the range",
            Check = cluster => Directive(cluster, "cluster-node-timeout", text => NodeTimeout().IsMatch(text)),
        },
        new()
        {
            Id = "validity-factor",
            Path = "spec.config",
            Cel = $"!('cluster-replica-validity-factor' in self) || string(self['cluster-replica-validity-factor']).matches('{ValidityFactorPattern}')",
            Message = "config.cluster-replica-validity-factor must be 1 to 99999: with 0 a replica of any age would be elected and newer writes lost; write at least 1",
            Check = cluster => Directive(cluster, "cluster-replica-validity-factor", text => ValidityFactor().IsMatch(text)),
        },
    ];

    // a value is not repeated, since what is refused may be a password
    static IEnumerable<Violation> Keys(RedisCluster cluster, Func<string, bool> isRefused) =>
        cluster.Spec.Config.Keys.Where(isRefused).Order(StringComparer.Ordinal).Select(key => new Violation($"spec.config.{key}", "set"));

    // .NET's $ also matches before a last line feed, where CEL's does not
    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"\A[a-z][a-z0-9._-]*\z")]
    private static partial Regex DirectiveName();

    [GeneratedRegex(@"\A([2-9][0-9]{3}|[1-5][0-9]{4}|60000)\z")]
    private static partial Regex NodeTimeout();

    [GeneratedRegex(@"\A[1-9][0-9]{0,4}\z")]
    private static partial Regex ValidityFactor();
}
