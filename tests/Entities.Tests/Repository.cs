namespace Slotwise.Entities.Tests;

/// <summary>Finds the files that are delivered beside the code.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"no Operator.sln above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
