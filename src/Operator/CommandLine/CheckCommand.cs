using System.CommandLine;
using System.Globalization;
using Slotwise.Operator.Check;
using Slotwise.Operator.Status;
using Slotwise.Redis;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise check NAME</c>: whether a cluster keeps what an application gives it.</summary>
static class CheckCommand
{
    const int MostKeys = 10_000_000;

    public static Command Build()
    {
        var kubernetes = new KubernetesOptions();
        var cluster = new ClusterArgument();
        var keys = new Option<int>("--keys")
        {
            Description = "How many keys to write, read back and remove; they have a prefix that nothing else has",
            HelpName = "N",
            DefaultValueFactory = _ => 1000,
        };
        keys.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var count) && count is < 1 or > MostKeys)
            {
                result.AddError($"--keys {count}: must be 1 to {MostKeys}");
            }
        });

        var command = new Command("check", "Writes keys to a RedisCluster, as an application would, and reads every one back") { keys };
        cluster.AddTo(command);
        kubernetes.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var reader = ClusterReader.Open(kubernetes.Load(result), cluster.Name(result), cluster.Namespace(result));
            var picture = await reader.ReadAsync(cancellationToken);
            try
            {
                return await CheckAsync(picture, result.GetValue(keys), result.InvocationConfiguration.Output, cancellationToken);
            }
            catch (RedisException error)
            {
                throw new UserErrorException($"the check failed: {error.Message}", error);
            }
        });
        return command;
    }

    static async Task<int> CheckAsync(ClusterPicture picture, int keys, TextWriter output, CancellationToken cancellationToken)
    {
        var seeds = picture.Pods.Select(pod => pod.Endpoint).OfType<RedisEndpoint>().ToList();
        if (seeds.Count == 0)
        {
            throw new UserErrorException($"{ClusterText.Headline(picture)}: no pod has an address yet");
        }

        var start = TimeProvider.System.GetTimestamp();
        await using var client = await RedisClusterClient.ConnectAsync(seeds, cancellationToken: cancellationToken);
        var returned = await new KeyCheck(client, $"slotwise-check:{Guid.NewGuid():N}:").RunAsync(keys, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var line = string.Create(CultureInfo.InvariantCulture, $"{returned:N0} of {keys:N0} keys came back as they were written, in {seconds:0.0} s");
        if (returned < keys)
        {
            throw new UserErrorException(line);
        }

        await output.WriteLineAsync(line);
        return 0;
    }
}
