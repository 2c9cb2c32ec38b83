using Slotwise.ObjectStore.Cel.Evaluation;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>Checks an object against the rules of its schema, in the words of the API server. What did not change is not held against a writer.</summary>
sealed class ValidateRules
{
    /// <summary>What all rules together may cost: <c>RuntimeCELCostBudget</c> of the API server.</summary>
    const long ObjectLimit = 10_000_000;

    const int MaxMessageBytes = 5 * 1024;

    readonly List<FieldError> _errors = [];
    readonly Action<string> _warn;
    long _left = ObjectLimit;

    ValidateRules(Action<string> warn) => _warn = warn;

    /// <param name="rules">Those of the object's kind.</param>
    /// <param name="obj">As it shall be.</param>
    /// <param name="before">As it is; null when it is created.</param>
    /// <param name="warn">Told what is wrong and was so before.</param>
    public static List<FieldError> Errors(RuleTree rules, JsonObject obj, JsonObject? before, Action<string> warn)
    {
        var validation = new ValidateRules(warn);
        validation.Visit(rules, "", obj, before, before is not null && JsonNode.DeepEquals(obj, before));
        return validation._errors;
    }

    /// <param name="unchanged">Whether this, or what it is part of, is as it was.</param>
    void Visit(RuleTree tree, string path, JsonNode? value, JsonNode? before, bool unchanged)
    {
        if (value is null || _left < 0)
        {
            return;
        }

        unchanged |= before is not null && JsonNode.DeepEquals(value, before);
        Check(tree, path, value, before, unchanged);
        if (value is JsonArray array && tree.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Visit(items, $"{path}[{i}]", array[i], tree.Schema.Correlated(array[i], before as JsonArray), unchanged);
            }
        }

        if (value is JsonObject obj)
        {
            foreach (var (name, member) in obj)
            {
                var old = (before as JsonObject)?[name];
                if (tree.Properties.TryGetValue(name, out var property))
                {
                    Visit(property, path.Length == 0 ? name : $"{path}.{name}", member, old, unchanged);
                }
                else if (tree.Values is { } values)
                {
                    Visit(values, $"{path}[{name}]", member, old, unchanged);
                }
            }
        }
    }

    void Check(RuleTree tree, string path, JsonNode value, JsonNode? before, bool unchanged)
    {
        if (tree.Rules.Count == 0)
        {
            return;
        }

        var self = JsonValues.Of(value, tree.Schema);
        var oldSelf = before is null ? null : JsonValues.Of(before, tree.Schema);
        foreach (var rule in tree.Rules)
        {
            if (_left < 0)
            {
                return;
            }

            if (rule.Fault is { } fault)
            {
                Refuse(tree, path, $"rule compile error: {fault}");
            }
            else if (rule.Program is { } program && (!rule.UsesOldSelf || oldSelf is not null || rule.OptionalOldSelf == true))
            {
                Check(tree, rule, program, path, self, oldSelf, unchanged);
            }
        }
    }

    void Check(RuleTree tree, SchemaRule rule, CelProgram program, string path, object self, object? oldSelf, bool unchanged)
    {
        var variables = rule.Variables(self, oldSelf);
        object result;
        try
        {
            result = Evaluate(program, variables);
        }
        catch (OverBudgetException)
        {
            Refuse(tree, path, _left <= 0
                ? "validation failed due to running out of cost budget, no further validation rules will be run"
                : $"'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: {rule.Shown}");
            _left = -1;
            return;
        }

        if (result is CelError error)
        {
            Refuse(tree, path, error == CelError.NoOverload
                ? $"'{error.Message}': call arguments did not match a supported operator, function or macro signature for rule: {rule.Shown}"
                : $"{error.Message} evaluating rule: {rule.Shown}");
        }
        else if (result is not true)
        {
            var broken = Broken(tree, rule, path, Message(rule, variables));
            if (unchanged && !rule.UsesOldSelf)
            {
                _warn(broken.ToString());
            }
            else
            {
                _errors.Add(broken);
            }
        }
    }

    object Evaluate(CelProgram program, Dictionary<string, object> variables)
    {
        var budget = new Budget(Math.Min(_left, CelProgram.CallLimit));
        try
        {
            return program.Evaluate(variables, budget);
        }
        finally
        {
            _left -= budget.Spent;
        }
    }

    /// <summary>What the rule has to say about the values; where that fails, its fixed message.</summary>
    string Message(SchemaRule rule, Dictionary<string, object> variables)
    {
        if (rule.MessageProgram is { } program)
        {
            try
            {
                if (Evaluate(program, variables) is string text && text.Trim() is { Length: > 0 and <= MaxMessageBytes } message && !message.Contains('\n', StringComparison.Ordinal))
                {
                    return message;
                }
            }
            catch (OverBudgetException)
            {
                _left = -1;
                return "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run";
            }
        }

        return rule.Message.Length > 0 ? rule.Message.Trim() : $"failed rule: {rule.Shown}";
    }

    void Refuse(RuleTree tree, string path, string detail) => _errors.Add(FieldError.Invalid(PathOf(path), TypeOf(tree), detail));

    static FieldError Broken(RuleTree tree, SchemaRule rule, string path, string detail)
    {
        if (FieldPath.TryRead(rule.FieldPath, tree.Schema, out var below, out _))
        {
            path = path.Length == 0 || below[0] == '[' ? path + below : $"{path}.{below}";
        }

        return rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(PathOf(path), detail),
            "FieldValueRequired" => FieldError.Required(PathOf(path), detail),
            "FieldValueDuplicate" => FieldError.Duplicate(PathOf(path), TypeOf(tree)),
            _ => FieldError.Invalid(PathOf(path), TypeOf(tree), detail),
        };
    }

    static string PathOf(string path) => path.Length == 0 ? "<nil>" : path;

    static string TypeOf(RuleTree tree) => ValidateSchema.TypeName(tree.Schema.Type);
}
