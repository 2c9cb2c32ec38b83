using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>Something that happens to the world from outside: a fault, or a change of the user's mind. A value, so that it can be written down and left out.</summary>
/// <param name="Word">What kind it is, by which the report counts.</param>
public abstract record Incident(string Word)
{
    /// <summary>How long it lasts; zero for what is over at once.</summary>
    public virtual TimeSpan Lasts => TimeSpan.Zero;

    /// <summary>All that it consists of besides its kind, as it is written down.</summary>
    protected virtual IEnumerable<string> Arguments => [];

    /// <summary>Has it happen.</summary>
    public abstract void Happen(IWorld world);

    /// <summary>One line, which <see cref="IncidentText"/> reads again.</summary>
    public sealed override string ToString() => string.Join(' ', Arguments.Prepend(Word));

    protected static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";
}
