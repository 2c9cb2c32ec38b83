using System.Text;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class VolumeTests : IDisposable
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly string _root = Directory.CreateTempSubdirectory("localkube-test-volume-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_change_all_at_once_by_moving_one_link()
    {
        Assert.True(AtomicDirectory.Write(_root, [File("a", "1"), File("dir/b", "2")], null, Now));
        var first = new FileInfo(Path.Combine(_root, "..data")).LinkTarget;
        Assert.Equal("..data/a", new FileInfo(Path.Combine(_root, "a")).LinkTarget);
        Assert.Equal("2", System.IO.File.ReadAllText(Path.Combine(_root, "dir/b")));

        Assert.False(AtomicDirectory.Write(_root, [File("a", "1"), File("dir/b", "2")], null, Now));
        Assert.True(AtomicDirectory.Write(_root, [File("a", "3"), File("c", "4")], null, Now));
        Assert.NotEqual(first, new FileInfo(Path.Combine(_root, "..data")).LinkTarget);
        Assert.Equal("3", System.IO.File.ReadAllText(Path.Combine(_root, "a")));
        Assert.Equal(["a", "c"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName).Where(name => !name!.StartsWith("..", StringComparison.Ordinal)).Order());
        Assert.False(Directory.Exists(Path.Combine(_root, first!)));
    }

    [Theory]
    [InlineData(null, 0b110_100_100)]
    [InlineData(0b100_000_000, 0b100_000_000)]
    public void Modes_are_those_asked_for(int? mode, int expected)
    {
        var volume = new V1Volume { Name = "v", ConfigMap = new V1ConfigMapVolumeSource { Name = "settings", DefaultMode = mode } };
        var files = BuildVolumeFiles.Of(volume, EnvironmentTests.Fields(), new EnvironmentTests.Objects())!;
        AtomicDirectory.Write(_root, files, null, Now);
        Assert.Equal((UnixFileMode)expected, System.IO.File.GetUnixFileMode(Path.Combine(_root, "..data", "color")));
        Assert.Equal([0, 1], System.IO.File.ReadAllBytes(Path.Combine(_root, "raw")));
    }

    [Fact]
    public void Items_choose_and_rename_and_a_missing_one_is_named()
    {
        var source = new V1SecretVolumeSource { SecretName = "secrets", Items = [new V1KeyToPath { Key = "password", Path = "auth/pw", Mode = 0b100_000_000 }] };
        var files = BuildVolumeFiles.Of(new V1Volume { Name = "v", Secret = source }, EnvironmentTests.Fields(), new EnvironmentTests.Objects())!;
        var file = Assert.Single(files);
        Assert.Equal(("auth/pw", "hunter2", 0b100_000_000), (file.Path, Encoding.UTF8.GetString(file.Content), file.Mode));

        var wrong = source with { Items = [new V1KeyToPath { Key = "absent", Path = "x" }] };
        var error = Assert.Throws<VolumeException>(() => BuildVolumeFiles.Of(new V1Volume { Name = "v", Secret = wrong }, EnvironmentTests.Fields(), new EnvironmentTests.Objects()));
        Assert.Contains("references non-existent secret key: absent", error.Message);
        Assert.Empty(BuildVolumeFiles.Of(new V1Volume { Name = "v", Secret = wrong with { Optional = true } }, EnvironmentTests.Fields(), new EnvironmentTests.Objects())!);
    }

    [Fact]
    public void A_path_out_of_the_volume_is_refused() =>
        Assert.Throws<VolumeException>(() => AtomicDirectory.Write(_root, [File("../../escape", "x")], null, Now));

    static VolumeFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text), 0b110_100_100);
}
