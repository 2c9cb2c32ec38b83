using System.Text;

namespace Slotwise.LocalKubernetes.Nodes.Environment;

/// <summary>
/// References such as <c>$(NAME)</c> in commands, arguments and environment values. One that is not known stays as it is, and
/// <c>$$(NAME)</c> is a literal <c>$(NAME)</c> (k8s.io/kubernetes/third_party/forked/golang/expansion).
/// </summary>
public static class ExpandVariables
{
    public static string In(string text, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(values);
        var expanded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                expanded.Append(text[i]);
                continue;
            }

            var end = text[i + 1] == '(' ? text.IndexOf(')', i) : -1;
            if (end > 0)
            {
                var name = text[(i + 2)..end];
                expanded.Append(values.TryGetValue(name, out var value) ? value : $"$({name})");
                i = end;
            }
            else if (text[i + 1] == '$')
            {
                expanded.Append('$');
                i++;
            }
            else
            {
                expanded.Append('$');
            }
        }

        return expanded.ToString();
    }
}
