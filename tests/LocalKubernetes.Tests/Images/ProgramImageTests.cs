using Slotwise.LocalKubernetes.Images;

namespace Slotwise.LocalKubernetes.Tests.Images;

/// <summary>Images of programs that were built on this machine.</summary>
public sealed class ProgramImageTests : IDisposable
{
    readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("localkube-program-");

    AddedImages Store => new(Path.Combine(_scratch.FullName, "images"));

    LocalImages Images => new([], Store, Path.Combine(_scratch.FullName, "etc"));

    public void Dispose() => _scratch.Delete(recursive: true);

    [Fact]
    public async Task A_program_and_what_lies_beside_it_run_as_somebody_without_rights()
    {
        await AddAsync("shop/till:1.0", "echo open");
        Assert.True(Images.TryFind("shop/till:1.0", out var image, out _));
        Assert.Equal(["/program/till"], image.Entrypoint);
        Assert.Equal((65532, 65532), (image.User, image.Group));
        Assert.Contains("nonroot:x:65532", await File.ReadAllTextAsync(image.Etc["passwd"]), StringComparison.Ordinal);
        var place = image.Parts["/program"];
        Assert.Equal("echo open", await File.ReadAllTextAsync(Path.Combine(place, "till")));
        Assert.Equal("prices", await File.ReadAllTextAsync(Path.Combine(place, "data/list")));
        Assert.True(File.GetUnixFileMode(Path.Combine(place, "till")).HasFlag(UnixFileMode.OtherExecute));
        Assert.True(File.GetUnixFileMode(Path.Combine(place, "data/list")).HasFlag(UnixFileMode.OtherRead));
    }

    [Fact]
    public async Task A_newer_program_takes_the_place_of_an_older_one()
    {
        await AddAsync("shop/till:1.0", "echo open");
        Assert.True(Images.TryFind("shop/till:1.0", out var older, out _));
        await AddAsync("shop/till:1.0", "echo closed");
        Assert.True(Images.TryFind("shop/till:1.0", out var newer, out _));
        Assert.NotEqual(older.Id, newer.Id);
        Assert.Equal("echo closed", await File.ReadAllTextAsync(Path.Combine(newer.Parts["/program"], "till")));
        Assert.Single(Store.List());
    }

    [Fact]
    public async Task What_is_no_program_and_what_is_no_name_are_refused()
    {
        var missing = new FileInfo(Path.Combine(_scratch.FullName, "missing"));
        await Assert.ThrowsAsync<ImageException>(() => ProgramImage.AddAsync(Store, "shop/till:1.0", missing, TimeProvider.System, CancellationToken.None));
        await Assert.ThrowsAsync<ImageException>(() => AddAsync("Shop Till", "echo open"));
        await Assert.ThrowsAsync<ImageException>(() => AddAsync("redis:7.0", "echo open"));
        Assert.Empty(Store.List());
    }

    async Task AddAsync(string name, string text)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_scratch.FullName, Path.GetRandomFileName()));
        directory.CreateSubdirectory("data");
        var program = Path.Combine(directory.FullName, "till");
        await File.WriteAllTextAsync(program, text);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var data = Path.Combine(directory.FullName, "data/list");
        await File.WriteAllTextAsync(data, "prices");
        File.SetUnixFileMode(data, UnixFileMode.UserRead);
        await ProgramImage.AddAsync(Store, name, new FileInfo(program), TimeProvider.System, CancellationToken.None);
    }
}
