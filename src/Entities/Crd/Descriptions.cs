using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Slotwise.Entities.Crd;

/// <summary>The summaries of types and properties, from the documentation files that the compiler writes beside the assemblies.</summary>
sealed class Descriptions
{
    readonly Dictionary<string, string> _summaries;

    Descriptions(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <exception cref="FileNotFoundException">A documentation file was not published with the program.</exception>
    public static Descriptions Read(params Assembly[] assemblies) =>
        new(assemblies
            .SelectMany(assembly => XDocument.Load(FileOf(assembly)).Descendants("member"))
            .Where(member => member.Element("summary") is not null && IsOurs(member))
            .ToDictionary(member => member.Attribute("name")!.Value, member => TextOf(member.Element("summary")!), StringComparer.Ordinal));

    /// <summary>What a property says of itself, else what its type does.</summary>
    public string? Of(PropertyInfo property, Type type) => _summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}") ?? Of(type);

    public string? Of(Type type) => _summaries.GetValueOrDefault($"T:{type.FullName}");

    /// <summary>What source generators add to every assembly would be there twice.</summary>
    static bool IsOurs(XElement member) => member.Attribute("name")!.Value.Contains(":Slotwise.", StringComparison.Ordinal);

    static string FileOf(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        return File.Exists(path) ? path : throw new FileNotFoundException($"the descriptions of the schema are missing: publish {Path.GetFileName(path)} beside the program", path);
    }

    static string TextOf(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.DescendantNodes())
        {
            text.Append(node switch
            {
                XText part => part.Value,
                XElement { Name.LocalName: "see" } see => see.Attribute("cref") is { } cref ? JsonNamingPolicy.CamelCase.ConvertName(cref.Value[(cref.Value.LastIndexOfAny([':', '.']) + 1)..]) : "",
                _ => "",
            });
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
