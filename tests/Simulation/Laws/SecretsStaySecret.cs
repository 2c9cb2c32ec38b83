using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>No password stands in anything but Secrets.</summary>
sealed class SecretsStaySecret() : Law("12", "no secret is told")
{
    public override void BeforeWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Kind != "Secret" && write.Body is not null && write.Body.ToJsonString().Contains(RunWorld.PasswordMark, StringComparison.Ordinal))
        {
            Violated($"{write.Kind} {write.ObjectName}", "holds a password", "whoever may read it may do anything");
        }
    }
}
