using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Configuration;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Gives running servers directives and reads them back. One server is asked to take all of them, which it does or takes none; only then are the others asked. So a
/// bad value changes nothing, and what is wrong with it stands in the server's own words.
/// </summary>
/// <param name="Changes">The directives.</param>
/// <param name="Map">The ConfigMap, on which is noted what is learnt.</param>
/// <param name="Notes">What is known so far.</param>
public sealed record ConfigureServers(IReadOnlyList<DirectiveChange> Changes, ConfigMapReference Map, DirectiveNotes Notes) : IStep
{
    /// <summary>A server's words for a directive that it takes only when it starts.</summary>
    static readonly string[] NotLive = ["can't set immutable config", "can't set protected config"];

    /// <summary>None, as nothing that a plan may hold for them excludes it: a value that is refused again and again keeps no other rung from its work.</summary>
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Redis;

    public string Description => $"set {string.Join(", ", Changes.Select(change => change.Name))} on running servers";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var trial = Changes[0].Servers[0];
        var all = Changes.SelectMany(change => change.Servers).Distinct().Where(server => server != trial).ToList();
        var before = await ReadAsync(context, trial, cancellationToken);
        if (before is null)
        {
            return StepOutcome.Skipped($"{trial} is another server by now");
        }

        // What it is by default can be seen only before it is set for the first time.
        var notes = Changes.Where(change => change.IsNew && before.ContainsKey(change.Name) && !Notes.Defaults.ContainsKey(change.Name) && !DirectiveText.IsSame(change.Value, before[change.Name]))
            .Aggregate(Notes, (notes, change) => notes.WithDefault(change.Name, before[change.Name]));
        if (notes != Notes && await NoteAsync(context, notes, "note what directives are by default", cancellationToken) is { } untold)
        {
            return untold;
        }

        var changes = Changes.ToList();
        while (changes.Count > 0 && await SetAsync(context, trial, changes, cancellationToken) is { } refusal)
        {
            if (changes.Find(change => IsNotLive(refusal, change)) is not { } stubborn)
            {
                return StepOutcome.Refused($"spec.config: {trial} refuses {Words(changes)}: {refusal}; nothing is changed: correct or remove it", "BadConfig");
            }

            changes.Remove(stubborn);
            notes = notes.WithFixed(stubborn.Name);
        }

        var readings = changes.Count == 0 ? before : await ReadAsync(context, trial, cancellationToken) ?? before;
        notes = changes.Where(change => readings.TryGetValue(change.Name, out var reading) && !DirectiveText.IsSame(change.Value, reading))
            .Aggregate(notes, (notes, change) => notes.WithReading(change.Name, new DirectiveReading(change.Value, readings[change.Name])));
        if (notes.ToString() != Notes.ToString() && await NoteAsync(context, notes, "note how servers take directives", cancellationToken) is { } failure)
        {
            return failure;
        }

        if (changes.Count == 0)
        {
            return StepOutcome.Done("ConfigFixed", $"servers take {string.Join(", ", Changes.Select(change => change.Name))} only when they start: pods are replaced for it");
        }

        var refusals = await Task.WhenAll(all.Select(server => SetOneAsync(context, server, [.. changes.Where(change => change.Servers.Contains(server))], readings, cancellationToken)));
        return refusals.FirstOrDefault(refused => refused is not null) is { } reason
            ? StepOutcome.Failed(reason)
            : StepOutcome.Done("Configured", $"set {string.Join(", ", changes.Select(change => change.Name))} on {all.Count + 1} running {(all.Count == 0 ? "server" : "servers")}");
    }

    static async Task<string?> SetOneAsync(
        StepContext context,
        ServerReference server,
        IReadOnlyList<DirectiveChange> changes,
        IReadOnlyDictionary<string, string> expected,
        CancellationToken cancellationToken)
    {
        try
        {
            if (changes.Count == 0)
            {
                return null;
            }

            if (await SetAsync(context, server, changes, cancellationToken) is { } refusal)
            {
                return $"{server} does not take {Words(changes)}, which others took: {refusal}";
            }

            var (replies, doubt) = await context.ExecuteAsync(server, _ => null, [Get(changes)], cancellationToken);
            var readings = replies is null ? null : Get(changes).Read(replies[0]);
            var odd = readings is null ? null : changes.FirstOrDefault(change => readings.GetValueOrDefault(change.Name) != expected.GetValueOrDefault(change.Name));
            return readings is null ? doubt : odd is null ? null : $"{server} says {odd.Name} is {readings.GetValueOrDefault(odd.Name)} after it was set to {odd.Value}";
        }
        catch (RedisException e)
        {
            return e.Message;
        }
    }

    /// <summary>Null when the server took all, else why it took none.</summary>
    static async Task<string?> SetAsync(StepContext context, ServerReference server, IReadOnlyList<DirectiveChange> changes, CancellationToken cancellationToken)
    {
        var command = ServerCommands.ConfigSet(changes.Select(change => KeyValuePair.Create(change.Name, DirectiveText.Argument(change.Value))));
        var (replies, doubt) = await context.ExecuteAsync(server, _ => null, [command], cancellationToken);
        return replies is null ? doubt : replies[0].IsError ? replies[0].ErrorText : null;
    }

    static RedisCommand<IReadOnlyDictionary<string, string>> Get(IReadOnlyList<DirectiveChange> changes) => ServerCommands.ConfigGet([.. changes.Select(change => change.Name)]);

    static bool IsNotLive(string refusal, DirectiveChange change) =>
        NotLive.Any(words => refusal.Contains(words, StringComparison.OrdinalIgnoreCase)) && refusal.Contains($"'{change.Name}'", StringComparison.Ordinal);

    static string Words(IReadOnlyList<DirectiveChange> changes) => string.Join(", ", changes.Select(change => $"{change.Name} {change.Value}"));

    async Task<IReadOnlyDictionary<string, string>?> ReadAsync(StepContext context, ServerReference server, CancellationToken cancellationToken)
    {
        var (replies, _) = await context.ExecuteAsync(server, _ => null, [Get(Changes)], cancellationToken);
        return replies is null ? null : Get(Changes).Read(replies[0]);
    }

    async Task<StepOutcome?> NoteAsync(StepContext context, DirectiveNotes notes, string purpose, CancellationToken cancellationToken)
    {
        var outcome = await new ChangeDirectiveNotes(Map, notes, purpose).ExecuteAsync(context, cancellationToken);
        return outcome.Result == StepResult.Done ? null : outcome;
    }
}
