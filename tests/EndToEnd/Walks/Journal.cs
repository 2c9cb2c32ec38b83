using System.Globalization;

namespace Slotwise.EndToEnd.Walks;

/// <summary>What happened in a walk and when, for whoever has to find out why it failed.</summary>
sealed class Journal
{
    readonly long _start = TimeProvider.System.GetTimestamp();
    readonly List<string> _lines = [];

    /// <summary>The time since the walk began.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    public void Tell(string what)
    {
        lock (_lines)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,6:0.0} s  {what}"));
        }
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }
}
