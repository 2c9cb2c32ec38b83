using System.Diagnostics;
using Slotwise.LocalKubernetes.Images;
using Slotwise.Testing;

namespace Slotwise.LocalKubernetes.Tests.Images;

/// <summary>The image store, without a mirror.</summary>
public sealed class StoreTests : IDisposable
{
    readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("localkube-store-");

    AddedImages Store => new(Path.Combine(_scratch.FullName, "images"));

    LocalImages Images => new([], Store, Path.Combine(_scratch.FullName, "etc"));

    public void Dispose() => _scratch.Delete(recursive: true);

    [Fact]
    public async Task An_image_is_there_when_it_is_complete_and_a_newer_one_takes_its_place()
    {
        Assert.Empty(Images.List());
        using (await Store.LockAsync(CancellationToken.None))
        {
            var scratch = Root();
            Assert.Empty(Store.List());
            Store.Commit(Image("9.1.2-1"), scratch);
            Store.Commit(Image("9.1.2-1"), Root());
        }

        Assert.True(Images.TryFind("valkey/valkey:9", out var image, out _));
        Assert.True(File.Exists(Path.Combine(image.Root, "usr/bin/valkey-server")));
        Assert.Contains("valkey:x:999", await File.ReadAllTextAsync(image.Etc["passwd"]), StringComparison.Ordinal);
        using (await Store.LockAsync(CancellationToken.None))
        {
            Store.Commit(Image("9.1.2-2"), Root());
        }

        Assert.Equal("9.1.2-2", Assert.Single(Store.List()).Image.Packages["valkey-server"]);
        Assert.False(Directory.Exists(image.Root));
    }

    [Fact]
    public async Task What_runs_in_an_image_keeps_it()
    {
        using var held = await Store.LockAsync(CancellationToken.None);
        var scratch = Root();
        Store.Commit(Image("9.1.2-1"), scratch);
        var (_, place) = Assert.Single(Store.List());
        var mount = new ProcessStartInfo("bwrap", ["--dev-bind", "/", "/", "--bind", Path.Combine(place, "root/usr"), "/mnt", "sh", "-c", "echo mounted; read -r _"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using (var process = Process.Start(mount)!)
        {
            Assert.Equal("mounted", await process.StandardOutput.ReadLineAsync());
            Assert.False(Store.TryRemove(place, out var reason));
            Assert.Equal("containers run in it; delete their pods first", reason);
            Store.Commit(Image("9.1.2-2"), Root());
            Assert.True(Directory.Exists(place));
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }

        Assert.True(Store.TryRemove(place, out _));
        Assert.False(Directory.Exists(place));
    }

    [Fact]
    public async Task A_second_one_waits_and_removes_what_a_crash_left()
    {
        var first = await Store.LockAsync(CancellationToken.None);
        var left = Root();
        var second = Store.LockAsync(CancellationToken.None);
        Assert.False(second.IsCompleted);
        Assert.True(left.Exists);
        first.Dispose();
        using var held = await second;
        Assert.Equal([".lock"], Directory.EnumerateFileSystemEntries(Store.Directory).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("redis", "8.0")]
    [InlineData("valkey", "8.1")]
    [InlineData("valkey", "9")]
    [InlineData("redis", "7.0")]
    public async Task Servers_of_the_store_run_without_a_container(string product, string version)
    {
        var program = ServerPrograms.Find(product, version);
        using var server = Process.Start(new ProcessStartInfo(program.Server[0], [.. program.Server.Skip(1), "--version"]) { RedirectStandardOutput = true })!;
        Assert.Contains($"server v={program.Version} ", await server.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.StartsWith($"{version}.", program.Version, StringComparison.Ordinal);
    }

    DirectoryInfo Root()
    {
        var scratch = Store.CreateScratch();
        File.WriteAllText(Path.Combine(scratch.CreateSubdirectory("root/usr/bin").FullName, "valkey-server"), "");
        return scratch;
    }

    static AddedImage Image(string version) => new()
    {
        Name = "docker.io/valkey/valkey:9.1.2",
        Tags = ["9.1", "9"],
        Suite = "sid",
        Package = "valkey-server",
        Packages = new Dictionary<string, string> { ["valkey-server"] = version },
        Size = 1,
        Added = DateTimeOffset.UnixEpoch,
    };
}
