namespace Slotwise.ObjectStore.Kinds;

/// <summary>What the schema of a kind cannot say: values that depend on other values, and changes that are refused.</summary>
interface IKindRules
{
    /// <summary>Fills in values that follow from others. Runs after the schema's defaults, on create and on every change.</summary>
    void Complete(JsonObject obj, JsonObject? before, Store store);

    /// <summary>Fills in what the server decides and no writer owns: addresses, admission's additions, the first status. Runs after admission.</summary>
    void Admit(JsonObject obj, JsonObject? before, Store store)
    {
    }

    IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before);
}

/// <summary>For kinds that their schema describes in full.</summary>
sealed class NoRules : IKindRules
{
    public static readonly NoRules Instance = new();

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before) => [];
}
