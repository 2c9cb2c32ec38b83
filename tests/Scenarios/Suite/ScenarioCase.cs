namespace Slotwise.Scenarios.Suite;

/// <summary>A scenario in one shape.</summary>
/// <param name="Scenario">What happens.</param>
/// <param name="Shape">To what.</param>
/// <param name="Storage">Where the keys are.</param>
/// <param name="IsOperatorKilled">Whether the operator is killed every two seconds meanwhile.</param>
sealed record ScenarioCase(Scenario Scenario, Shape Shape, Storage Storage, bool IsOperatorKilled)
{
    public string StorageText => Storage == Storage.Memory ? "memory" : "volume";

    public string OperatorText => IsOperatorKilled ? "killed" : "lives";

    public override string ToString() => $"{Scenario.Name} | {Shape}, {StorageText} | {OperatorText}";
}
