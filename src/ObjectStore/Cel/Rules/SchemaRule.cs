using Slotwise.ObjectStore.Cel.Types;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>One entry of <c>x-kubernetes-validations</c>, compiled.</summary>
sealed class SchemaRule
{
    const string Self = "self";
    const string OldSelf = "oldSelf";

    SchemaRule(JsonObject json)
    {
        Rule = json.Text("rule") ?? "";
        Message = json.Text("message") ?? "";
        MessageExpression = json.Text("messageExpression") ?? "";
        Reason = json.Text("reason");
        FieldPath = json.Text("fieldPath") ?? "";
        OptionalOldSelf = json.Flag("optionalOldSelf");
    }

    public string Rule { get; }

    public string Message { get; }

    public string MessageExpression { get; }

    public string? Reason { get; }

    /// <summary>Of the field at fault, from where the rule stands, such as <c>.size</c>.</summary>
    public string FieldPath { get; }

    /// <summary>Whether <c>oldSelf</c> is a value that may not be there, so that the rule also holds for what is new.</summary>
    public bool? OptionalOldSelf { get; }

    /// <summary>Null when the rule is empty or cannot be compiled.</summary>
    public CelProgram? Program { get; private set; }

    public CelProgram? MessageProgram { get; private set; }

    /// <summary>Why the rule cannot be compiled.</summary>
    public string? Fault { get; private set; }

    public string? MessageFault { get; private set; }

    /// <summary>Whether it compares with what was there before.</summary>
    public bool UsesOldSelf => Program?.Uses(OldSelf) ?? false;

    /// <summary>As messages name it.</summary>
    public string Shown => Message.Length > 0 ? Message.Trim() : Rule.Trim();

    public static SchemaRule Compile(JsonObject json, CelType self)
    {
        var rule = new SchemaRule(json);
        if (rule.Rule.Trim().Length == 0)
        {
            return rule;
        }

        var variables = new Dictionary<string, CelType>
        {
            [Self] = self,
            [OldSelf] = rule.OptionalOldSelf == true ? CelType.OptionalOf(self) : self,
        };
        if (!CelProgram.TryCompile(rule.Rule, variables, out var program, out var problems))
        {
            rule.Fault = Prefixed("compilation failed: ", problems);
        }
        else if (program.Type.Kind is not TypeKind.Bool)
        {
            rule.Fault = "cel expression must evaluate to a bool";
        }
        else
        {
            rule.Program = program;
            rule.CompileMessage(variables);
        }

        return rule;
    }

    void CompileMessage(Dictionary<string, CelType> variables)
    {
        if (MessageExpression.Length == 0)
        {
            return;
        }

        if (!CelProgram.TryCompile(MessageExpression, variables, out var program, out var problems))
        {
            MessageFault = Prefixed("messageExpression compilation failed: ", problems);
        }
        else if (program.Type.Kind is not TypeKind.Text)
        {
            MessageFault = "messageExpression must evaluate to a string";
        }
        else
        {
            MessageProgram = program;
        }
    }

    static string Prefixed(string prefix, string problems) => problems.StartsWith("ERROR", StringComparison.Ordinal) ? prefix + problems : problems;

    /// <summary>The values that an evaluation sees.</summary>
    public Dictionary<string, object> Variables(object self, object? oldSelf)
    {
        var variables = new Dictionary<string, object> { [Self] = self };
        if (OptionalOldSelf == true)
        {
            variables[OldSelf] = new Values.CelOptional(oldSelf);
        }
        else if (oldSelf is not null)
        {
            variables[OldSelf] = oldSelf;
        }

        return variables;
    }
}
