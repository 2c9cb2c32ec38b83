using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Images.Debian;

namespace Slotwise.LocalKubernetes.Tests.Images;

/// <summary>Images of Debian's real packages, over a mirror that can break. Downloads some 25 MB.</summary>
public sealed class ImageBuilderTests(TestMirror mirror) : IClassFixture<TestMirror>, IDisposable
{
    readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("localkube-builder-");
    readonly List<string> _said = [];

    AddedImages Store => new(Path.Combine(_scratch.FullName, "images"));

    public void Dispose() => _scratch.Delete(recursive: true);

    [Fact]
    public async Task A_mirror_that_stumbles_is_asked_again_and_two_at_once_build_one_image()
    {
        mirror.Package = async (context, number, body) =>
            number % 20 == 1 ? await TestMirror.HalfAsync(context, number, body) : number % 20 == 11 && Refuse(context);
        var both = await Task.WhenAll(Builder().AddAsync("valkey:8.1", false, CancellationToken.None), Builder().AddAsync("valkey/valkey:8", false, CancellationToken.None));
        Assert.Equal(both[0].Name, both[1].Name);
        Assert.Single(_said, line => line.EndsWith("is there already", StringComparison.Ordinal));
        var (image, place) = Assert.Single(Store.List());
        Assert.Equal(("trixie", "valkey-server"), (image.Suite, image.Package));
        Assert.Contains("8.1", image.Tags);
        Assert.True(image.Packages.ContainsKey("libc6") && image.Packages.ContainsKey("coreutils"));
        Assert.InRange(image.Size, 10_000_000, 200_000_000);
        Assert.Equal([".lock", Path.GetFileName(place)], Directory.EnumerateFileSystemEntries(Store.Directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        static bool Refuse(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return true;
        }
    }

    [Fact]
    public async Task A_download_that_breaks_leaves_nothing_half_made()
    {
        mirror.Package = TestMirror.HalfAsync;
        var error = await Assert.ThrowsAsync<ImageException>(() => Builder().AddAsync("valkey:8.1", false, CancellationToken.None));
        Assert.StartsWith("the packages of Debian trixie cannot be downloaded: Failed to fetch http://127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Equal([".lock"], Directory.EnumerateFileSystemEntries(Store.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public async Task One_that_is_stopped_midway_leaves_neither_files_nor_processes()
    {
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mirror.Package = async (context, number, body) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var adding = Builder().AddAsync("valkey:8.1", false, stop.Token);
        await asked.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => adding);
        Assert.Equal([".lock"], Directory.EnumerateFileSystemEntries(Store.Directory).Select(Path.GetFileName));
        var processes = Process.Start(new ProcessStartInfo("sh", ["-c", "grep -lsaF \"$1\" /proc/[0-9]*/environ || true", "sh", Store.Directory]) { RedirectStandardOutput = true })!;
        Assert.Equal("", await processes.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task A_killed_one_leaves_no_image_and_the_next_one_starts_afresh()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mirror.Package = async (context, number, body) =>
        {
            asked.TrySetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var program = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "localkube"), ["images", "add", "valkey:8.1", "--images", Store.Directory, "--mirror", mirror.Address.ToString()])
        {
            RedirectStandardOutput = true,
        };
        using (var process = Process.Start(program)!)
        {
            await asked.Task;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        Assert.Empty(Store.List());
        using var next = await Store.LockAsync(CancellationToken.None);
        Assert.Equal([".lock"], Directory.EnumerateFileSystemEntries(Store.Directory).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("nginx:1", "image \"nginx:1\" cannot be made of Debian packages; what can: redis:7.0 (Debian bookworm)")]
    [InlineData("debian:13", "image \"debian:13\" cannot be made of Debian packages; what can: ")]
    [InlineData("Redis", "\"Redis\" is not an image name such as redis:7.0")]
    [InlineData("valkey:6", "Debian has no valkey/valkey:6; it has valkey/valkey:8.1.")]
    public async Task What_cannot_be_had_is_said_with_what_can(string name, string message) =>
        Assert.StartsWith(message, (await Assert.ThrowsAnyAsync<ImageException>(() => Builder().AddAsync(name, false, CancellationToken.None))).Message, StringComparison.Ordinal);

    ImageBuilder Builder() => new(Store, mirror.Address, TimeProvider.System, line =>
    {
        lock (_said)
        {
            _said.Add(line);
        }
    });
}
