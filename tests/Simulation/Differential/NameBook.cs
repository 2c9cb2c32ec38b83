using System.Globalization;
using System.Text.RegularExpressions;

namespace Slotwise.Simulation.Differential;

/// <summary>Which server an id or an address belongs to, and the other way round.</summary>
sealed partial class NameBook(Func<int, string> address)
{
    readonly Dictionary<string, string> _names = [];
    readonly Dictionary<int, string> _ids = [];

    /// <summary>A server has that id from now on.</summary>
    public void Learn(int server, string id)
    {
        if (_ids.GetValueOrDefault(server) == id)
        {
            return;
        }

        var earlier = _names.Values.Count(name => name.TrimEnd('\'') == Name(server));
        _ids[server] = id;
        _names[id] = Name(server) + new string('\'', earlier);
    }

    public string? FindName(string id) => _names.GetValueOrDefault(id);

    /// <summary>Fills the placeholders of a command.</summary>
    public string Fill(string argument) => Placeholder().Replace(argument, match =>
    {
        var server = int.Parse(match.Groups["server"].Value, CultureInfo.InvariantCulture);
        return match.Groups["what"].Value == "id" ? _ids[server] : address(server);
    });

    /// <summary>Numbers instead of ids and addresses.</summary>
    public string Translate(string text, int count)
    {
        text = Id().Replace(text, match => FindName(match.Value) ?? "#?");
        for (var server = 0; server < count; server++)
        {
            text = text.Replace(address(server) + ":", $"@{server}:", StringComparison.Ordinal);
        }

        return text;
    }

    static string Name(int server) => string.Create(CultureInfo.InvariantCulture, $"#{server}");

    [GeneratedRegex(@"\{(?<what>id|ip):(?<server>\d+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[0-9a-f]{40}")]
    private static partial Regex Id();
}
