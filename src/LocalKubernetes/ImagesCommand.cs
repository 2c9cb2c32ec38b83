using System.CommandLine;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes;

/// <summary><c>localkube images</c>: what pods can run here.</summary>
static class ImagesCommand
{
    public static Command Create()
    {
        var command = new Command("images", "Lists the images that pods can run, and the packages they are made of.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("localkube-images-");
        try
        {
            foreach (var image in new ImageStore(await HostImages.ObserveAsync(scratch.FullName, cancellationToken)).List())
            {
                var tags = image.Tags.Count > 0 ? $" (also {string.Join(", ", image.Tags)})" : "";
                Console.WriteLine($"{image.Name}{tags}: {image.Source}");
            }

            return 0;
        }
        catch (HostCommandException e)
        {
            await Console.Error.WriteLineAsync($"localkube: {e.Message}");
            return 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}
