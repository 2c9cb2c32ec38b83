using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>Every check that the schema of a kind makes of an object: values first, then what is said in CEL.</summary>
static class ValidateObject
{
    /// <summary>Faults for which rules in CEL are not asked, since they could not rely on what they read.</summary>
    static readonly HashSet<string> Blocking = ["FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

    /// <param name="kind">Of the object.</param>
    /// <param name="obj">As it shall be.</param>
    /// <param name="before">As it is. What a custom object held already is not refused again (since 1.30), even if its schema has become stricter.</param>
    /// <param name="warn">Told what is wrong and was so before.</param>
    public static List<FieldError> Errors(ResourceKind kind, JsonObject obj, JsonObject? before, Action<string>? warn)
    {
        var errors = ValidateSchema.Errors(kind.Schema, obj, "", kind.IsCustom ? before : null);
        if (kind.ValidationRules is not { } rules)
        {
            return errors;
        }

        if (errors.Exists(error => Blocking.Contains(error.Reason)))
        {
            errors.Add(new FieldError("<nil>", "FieldValueInvalid", "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
        }
        else
        {
            errors.AddRange(ValidateRules.Errors(rules, obj, before, warn ?? (_ => { })));
        }

        return errors;
    }
}
