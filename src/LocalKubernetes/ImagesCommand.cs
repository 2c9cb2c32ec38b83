using System.CommandLine;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Images.Debian;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes;

/// <summary><c>localkube images</c>: what pods can run here; adds and removes.</summary>
static class ImagesCommand
{
    /// <summary>The store belongs to the machine, not to one state directory: what was downloaded once serves every local cluster.</summary>
    public static Option<DirectoryInfo> StoreOption() => new("--images")
    {
        Description = "Where added images are kept.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(UpCommand.DefaultState(), "images")),
        Recursive = true,
    };

    public static Command Create()
    {
        var store = StoreOption();
        var command = new Command("images", "Lists the images that pods can run, and the packages they are made of.") { store, Add(store), Remove(store) };
        command.SetAction((parsed, cancellationToken) => GuardAsync(() => ListAsync(new AddedImages(parsed.GetRequiredValue(store).FullName), cancellationToken)));
        return command;
    }

    static Command Add(Option<DirectoryInfo> store)
    {
        var names = new Argument<string[]>("IMAGE") { Description = $"Such as redis:8.0. Debian has {ImageBuilder.Choice}.", Arity = ArgumentArity.OneOrMore };
        var mirror = new Option<Uri?>("--mirror") { Description = "The Debian mirror. Default: the one that this machine uses.", CustomParser = ParseMirror };
        var refresh = new Option<bool>("--refresh") { Description = "Build an image that is there already again, of the packages that Debian has now." };
        var program = new Option<FileInfo?>("--program") { Description = "Make the image of this program of the machine instead, and of all that lies beside it. It runs as a user without rights, over the machine's own packages." };
        var command = new Command("add", "Builds images of Debian packages, also of other suites than this machine's, or of a program. What is installed here stays untouched.") { names, mirror, refresh, program };
        command.Validators.Add(result =>
        {
            if (result.GetValue(program) is not null && result.GetValue(names) is not [_])
            {
                result.AddError("--program makes one image: give one name, such as slotwise/slotwise:0.1.0");
            }
        });
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var images = new AddedImages(parsed.GetRequiredValue(store).FullName);
            if (parsed.GetValue(program) is { } file)
            {
                var added = await ProgramImage.AddAsync(images, parsed.GetRequiredValue(names)[0], file, TimeProvider.System, cancellationToken);
                Console.WriteLine($"{added.Name}: {file}, {added.Size / 1_000_000} MB");
                return;
            }

            var builder = new ImageBuilder(images, parsed.GetValue(mirror), TimeProvider.System, Console.WriteLine);
            foreach (var name in parsed.GetRequiredValue(names))
            {
                await builder.AddAsync(name, parsed.GetValue(refresh), cancellationToken);
            }
        }));
        return command;
    }

    static Command Remove(Option<DirectoryInfo> store)
    {
        var name = new Argument<string>("IMAGE") { Description = "One of those that were added." };
        var command = new Command("remove", "Removes an image that was added.") { name };
        command.SetAction((parsed, cancellationToken) => GuardAsync(() => RemoveAsync(new AddedImages(parsed.GetRequiredValue(store).FullName), parsed.GetRequiredValue(name), cancellationToken)));
        return command;
    }

    static async Task ListAsync(AddedImages store, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("localkube-images-");
        try
        {
            foreach (var image in new LocalImages(await HostImages.ObserveAsync(scratch.FullName, cancellationToken), store, scratch.FullName).List())
            {
                var tags = image.Tags.Count > 0 ? $" (also {string.Join(", ", image.Tags)})" : "";
                Console.WriteLine($"{image.Name}{tags}: {image.Source}");
            }
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    static async Task RemoveAsync(AddedImages store, string name, CancellationToken cancellationToken)
    {
        using var held = await store.LockAsync(cancellationToken);
        var meant = store.List().Where(entry => IsProgram(entry.Image)).ToList();
        if (meant.Count == 0)
        {
            var (recipe, tag) = ImageBuilder.Choose(name);
            meant = [.. store.List().Where(entry => entry.Image.Package == recipe.Package && (ImageReference.Parse(entry.Image.Name).Tag == tag || entry.Image.Tags.Contains(tag)))];
        }

        if (meant.Count == 0)
        {
            throw new ImageException($"image \"{name}\" was not added to {store.Directory}; `localkube images` lists what is there, and images of the host's packages go with the packages");
        }

        foreach (var (image, place) in meant)
        {
            if (!store.TryRemove(place, out var reason))
            {
                throw new ImageException($"{image.Name} cannot be removed: {reason}");
            }

            Console.WriteLine($"{image.Name} removed");
        }

        bool IsProgram(AddedImage image) => image.Program is not null && ImageReference.IsWellFormed(name) && image.Name == ImageReference.Parse(name).ToString();
    }

    static Uri? ParseMirror(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        result.AddError($"--mirror {result.Tokens[0].Value} is not an address such as http://deb.debian.org/debian");
        return null;
    }

    static async Task<int> GuardAsync(Func<Task> act)
    {
        try
        {
            await act();
            return 0;
        }
        catch (Exception e) when (e is HostCommandException or ImageException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"localkube: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
