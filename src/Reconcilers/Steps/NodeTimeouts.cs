using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Changes cluster-node-timeout on all nodes for as long as a large key moves, during which both its servers stand still: otherwise the others would
/// take them for failed. What to go back to is written on the StatefulSet of the key's shard first, so that whoever comes next can do it.
/// </summary>
sealed class NodeTimeouts(StepContext context, StatefulSetReference set)
{
    /// <summary>For a small question.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    /// <summary>What is changed.</summary>
    public const string Directive = "cluster-node-timeout";

    static readonly RedisCommand<IReadOnlyDictionary<string, string>> Get = ServerCommands.ConfigGet(Directive);

    bool _isOthers;

    /// <summary>The value that a server has.</summary>
    public static async Task<TimeSpan> ReadAsync(IRedisSession session, CancellationToken cancellationToken)
    {
        var directives = Get.Read((await session.ExecuteAsync([Get], AnswerWithin, cancellationToken))[0]);
        return directives.TryGetValue(Directive, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new FormatException($"{session.Endpoint} does not say its {Directive}");
    }

    /// <summary>Reads the note; null where there is none that makes sense.</summary>
    public static TimeSpan? ReadNote(V1StatefulSet? live) =>
        live?.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.RaisedTimeoutAnnotation) is { } note
        && long.TryParse(note, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    /// <summary>Notes the value to go back to, then raises it everywhere; null when it is done, else why not.</summary>
    public async Task<string?> RaiseAsync(IReadOnlyList<ServerReference> servers, TimeSpan from, TimeSpan to, CancellationToken cancellationToken)
    {
        _isOthers = !context.TryClaimNodeTimeouts();
        if (_isOthers)
        {
            return "another large key is being moved";
        }

        await NoteAsync(Text(from), cancellationToken);
        return await SetAsync(servers, to, cancellationToken);
    }

    /// <summary>
    /// Goes back everywhere, then takes the note off; as long as a node does not follow, the note stays and is gone on with. Null when it is done, or was not
    /// for this one to do.
    /// </summary>
    public async Task<string?> RestoreAsync(IReadOnlyList<ServerReference> servers, TimeSpan value, CancellationToken cancellationToken)
    {
        if (_isOthers)
        {
            return null;
        }

        var refusal = await SetAsync(servers, value, cancellationToken);
        if (refusal is null)
        {
            await NoteAsync(null, cancellationToken);
        }

        return refusal;
    }

    static string Text(TimeSpan value) => ((long)value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Sets the value on these servers; null when all took it, else why one did not.</summary>
    public async Task<string?> SetAsync(IReadOnlyList<ServerReference> servers, TimeSpan value, CancellationToken cancellationToken)
    {
        var refusals = await Task.WhenAll(servers.Select(SetOneAsync));
        return refusals.FirstOrDefault(refusal => refusal is not null);

        async Task<string?> SetOneAsync(ServerReference server)
        {
            try
            {
                var (replies, reason) = await context.ExecuteAsync(server, _ => null, [ServerCommands.ConfigSet(Directive, Text(value))], cancellationToken);
                return replies is null ? reason : replies[0].IsError ? $"{server} did not take {Directive} {Text(value)}: {replies[0].ErrorText}" : null;
            }
            catch (RedisException e)
            {
                return e.Message;
            }
        }
    }

    async Task NoteAsync(string? value, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // Refuses to mark a successor of the same name.
                ["uid"] = set.Uid,
                ["annotations"] = new JsonObject { [ClusterMetadata.RaisedTimeoutAnnotation] = value },
            },
        };
        await context.Kubernetes.MergePatchAsync<V1StatefulSet>(set.Namespace, set.Name, patch, subresource: null, cancellationToken);
    }
}
