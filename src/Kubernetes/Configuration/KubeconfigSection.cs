using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>One cluster, user or context of a kubeconfig, with the place it stands at, so that every complaint can name it.</summary>
sealed record KubeconfigSection(JsonObject Body, string File, string Field)
{
    public string? Text(string name)
    {
        var value = Body[name];
        return value?.GetValueKind() switch
        {
            null => null,
            JsonValueKind.String => value.GetValue<string>() is { Length: > 0 } text ? text : null,
            _ => throw Wrong(name, $"is a {value.GetValueKind()}, not a text; quote it"),
        };
    }

    public bool Flag(string name) => Body[name]?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Wrong(name, "is neither true nor false"),
    };

    public KubeconfigSection? Section(string name) => Body[name] switch
    {
        null => null,
        JsonObject body => new KubeconfigSection(body, File, $"{Field}.{name}"),
        _ => throw Wrong(name, "is not a mapping"),
    };

    /// <summary>A file's full path: relative ones start at the kubeconfig's own directory.</summary>
    public string? FilePath(string name) =>
        Text(name) is { } path ? Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File))!) : null;

    /// <summary>A PEM text that stands here in base64 or in a file of its own, and where it came from.</summary>
    public (string Pem, string Origin)? Pem(string dataName, string fileName)
    {
        if (Text(dataName) is { } data)
        {
            try
            {
                return (Encoding.UTF8.GetString(Convert.FromBase64String(data)), Place(dataName));
            }
            catch (FormatException)
            {
                throw Wrong(dataName, "is not base64");
            }
        }

        if (FilePath(fileName) is not { } path)
        {
            return null;
        }

        try
        {
            return (System.IO.File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Wrong(fileName, $"cannot be read: {exception.Message}");
        }
    }

    public KubernetesConfigurationException Wrong(string name, string what) => new($"{Place(name)} {what}");

    string Place(string name) => $"kubeconfig {File}: {Field}.{name}";
}
