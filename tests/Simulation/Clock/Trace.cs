using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Slotwise.Simulation.Clock;

/// <summary>What happened in a run, in order. The digest covers every line; the lines themselves are kept only when somebody wants to read them.</summary>
public sealed class Trace(Simulator simulator)
{
    readonly List<string> _lines = [];
    ulong _digest = 14695981039346656037UL;

    /// <summary>Whether lines are kept, and not only digested.</summary>
    public bool IsKept { get; set; }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Equal for two runs that took the same course, in any process.</summary>
    public string Digest => _digest.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Adds a line.</summary>
    /// <param name="who">Whom it is about: a pod, a host, the operator.</param>
    /// <param name="what">What happened, the same words for the same thing.</param>
    public void Add(string who, string what)
    {
        Digest64(MemoryMarshal.AsBytes([simulator.Now.Ticks]));
        Digest64(Encoding.UTF8.GetBytes(who));
        Digest64(Encoding.UTF8.GetBytes(what));
        if (IsKept)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{simulator.Now.TotalSeconds,9:0.000} {who}: {what}"));
        }
    }

    void Digest64(ReadOnlySpan<byte> bytes)
    {
        foreach (var octet in bytes)
        {
            _digest = (_digest ^ octet) * 1099511628211UL;
        }
    }
}
