namespace Slotwise.LocalKubernetes.Api.Security;

/// <summary>
/// Files with secrets: never readable by others, not even for the moment between creation and chmod, and never half there: whoever waits
/// for a kubeconfig reads it as soon as there is one.
/// </summary>
public static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        var unnamed = $"{path}.{Path.GetRandomFileName()}";
        using (var writer = new StreamWriter(unnamed, options))
        {
            writer.Write(text);
        }

        File.Move(unnamed, path, overwrite: true);
    }
}
