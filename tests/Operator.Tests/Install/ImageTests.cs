using System.Xml.Linq;
using Slotwise.Entities.Tests;

namespace Slotwise.Operator.Tests.Install;

/// <summary>The image is built from the projects that the program refers to, and from no other.</summary>
public sealed class ImageTests
{
    static readonly string[] Lines = Repository.Read("Dockerfile").Split('\n');

    [Fact]
    public void It_copies_exactly_the_projects_that_the_program_needs()
    {
        var copied = Lines.Where(line => line.StartsWith("COPY src/", StringComparison.Ordinal) && line.EndsWith('/') && !line.Contains(".csproj", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1].Split('/')[1]);

        Assert.Equal(Needed("Operator").Distinct().Order(StringComparer.Ordinal), copied.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_restores_the_same_projects()
    {
        var restored = Lines.Where(line => line.StartsWith("COPY src/", StringComparison.Ordinal) && line.Contains(".csproj", StringComparison.Ordinal))
            .Select(line => line.Split('/')[1]);

        Assert.Equal(Needed("Operator").Distinct().Order(StringComparer.Ordinal), restored.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_it_copies_is_not_ignored()
    {
        var kept = Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        var sources = Lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])
            .Select(source => source.TrimEnd('/'));

        Assert.All(sources, source => Assert.Contains(kept, entry => source == entry || source.StartsWith($"{entry}/", StringComparison.Ordinal) || entry.StartsWith($"{source}/", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_runs_as_nobody_in_particular_and_starts_the_program()
    {
        Assert.Contains("USER $APP_UID", Lines);
        Assert.Contains("ENTRYPOINT [\"/program/slotwise\"]", Lines);
        Assert.Contains(Lines, line => line.StartsWith("FROM", StringComparison.Ordinal) && line.EndsWith("-noble-chiseled", StringComparison.Ordinal));
    }

    static IEnumerable<string> Needed(string project) =>
        XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .SelectMany(Needed)
            .Prepend(project);
}
