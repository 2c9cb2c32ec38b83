namespace Slotwise.Redis.Tests;

/// <summary>The texts in the folder Fixtures.</summary>
static class Fixtures
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", name));
}
