namespace Slotwise.Entities.Validation;

/// <summary>
/// What the schema of the resource demands, checked again: ranges, rules between fields, and the inside of <c>podTemplate</c>, which no schema can see.
/// </summary>
public static class RedisClusterValidation
{
    /// <summary>Whether a resource can be carried out.</summary>
    /// <param name="resource">As read from the API server.</param>
    /// <param name="errors">Every field at fault; empty if there is none.</param>
    public static bool TryValidate(RedisCluster resource, out IReadOnlyList<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(resource);
        errors =
        [
            .. FieldRanges.Check("spec", resource.Spec),
            .. RedisClusterRules.All.SelectMany(rule => Broken(rule, rule.Check?.Invoke(resource))),
            .. PodTemplateRules.Check(resource.Spec.PodTemplate),
        ];
        return errors.Count == 0;
    }

    /// <summary>Whether a spec can be reached from what exists.</summary>
    /// <param name="spec">What is wanted.</param>
    /// <param name="live">What exists, or null where no StatefulSet of the cluster does, so that anything can be made.</param>
    /// <param name="errors">Every field at fault; empty if there is none.</param>
    public static bool TryValidateChange(RedisClusterSpec spec, LiveStorage? live, out IReadOnlyList<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(spec);
        errors = live is null ? [] : [.. RedisClusterRules.All.SelectMany(rule => Broken(rule, rule.CheckChange?.Invoke(spec, live)))];
        return errors.Count == 0;
    }

    static IEnumerable<FieldError> Broken(ValidationRule rule, IEnumerable<Violation>? violations) =>
        (violations ?? []).Select(violation => new FieldError(violation.Field, violation.Value, rule.Message));
}
