using Slotwise.Entities;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Configuration;

/// <summary>
/// The configuration that servers shall have, the one that they have, and what of it may stand in the file from which they start. Nothing here decides anything.
/// </summary>
/// <remarks>
/// A value gets into the file only when every server that answers has taken it: a container that is restarted in place reads the file, and one bad value in it would keep every
/// server from starting again. What no server takes while it runs does not get into the file at all but into the pod template, so that the first pod of the new template is its
/// trial and all others keep starting with what they have (<see cref="FixedLines"/>).
/// </remarks>
public sealed class ConfigState
{
    readonly ClusterView _view;
    readonly SortedSet<string> _fixed;
    readonly SortedSet<string> _removed;

    ConfigState(ClusterView view)
    {
        _view = view;
        var name = ClusterNames.ConfigMap(view.Observation.Key.Name);
        Map = view.Observation.Objects.ConfigMaps.FirstOrDefault(map => map.Metadata.Name == name && view.IsOurs(map));
        Notes = NotesOf(Map);
        Wanted = RedisConfig.Directives(view.Observation.Cluster, SmallestLimit(view));

        // The pods remember it too, in case that somebody deletes the ConfigMap: without it their templates would change, and all of them would be replaced.
        var lines = view.Observation.Objects.StatefulSets.Where(set => view.IsOurs(set)).SelectMany(set => FixedConfig.Parse(set.Spec?.Template)).ToList();
        _fixed = new SortedSet<string>(Notes.Fixed.Concat(lines.Where(line => line.Value is not null).Select(line => line.Name)), StringComparer.Ordinal);
        _removed = new SortedSet<string>(Notes.Removed.Concat(lines.Where(line => line.Value is null).Select(line => line.Name)), StringComparer.Ordinal);
        File = ReadFile();
    }

    /// <summary>The ConfigMap; null where there is none.</summary>
    public V1ConfigMap? Map { get; }

    /// <summary>What was learnt from the servers.</summary>
    public DirectiveNotes Notes { get; }

    /// <summary>The directives that the servers shall have.</summary>
    public IReadOnlyDictionary<string, string> Wanted { get; }

    /// <summary>The directives of the file; null where there is none.</summary>
    public IReadOnlyDictionary<string, string>? File { get; }

    public static ConfigState Of(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new ConfigState(view);
    }

    /// <summary>The directives that servers are asked about.</summary>
    public static string[] Names(RedisCluster cluster, IReadOnlyList<V1ConfigMap> maps)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(maps);
        var names = new SortedSet<string>(RedisConfig.Directives(cluster, memory: null).Keys, StringComparer.Ordinal);
        names.UnionWith(maps.SelectMany(map => RedisConfig.Parse(map.Data?.GetValueOrDefault(ConfigMaps.RedisConfKey) ?? "").Keys));
        return [.. names];
    }

    /// <summary>What may stand in the file now.</summary>
    public SortedDictionary<string, string> FileNow()
    {
        // Nothing is there yet that could be kept from starting again; whatever the first servers say of it, the user can correct.
        if (!_view.Observation.WasFormed || _view.Members.Count == 0)
        {
            return new SortedDictionary<string, string>(_view.Observation.WasFormed ? File?.ToDictionary() ?? Wanted.ToDictionary() : Wanted.ToDictionary(), StringComparer.Ordinal);
        }

        var file = new SortedDictionary<string, string>(File?.ToDictionary() ?? [], StringComparer.Ordinal);
        foreach (var (name, value) in Wanted)
        {
            if (!_fixed.Contains(name) && Lacking(name).Count == 0)
            {
                file[name] = value;
            }
        }

        foreach (var name in file.Keys.Where(name => !Wanted.ContainsKey(name)).ToList())
        {
            if (Notes.Defaults.ContainsKey(name) ? Lacking(name).Count == 0 : _removed.Contains(name))
            {
                file.Remove(name);
            }
        }

        return file;
    }

    /// <summary>
    /// The lines of configuration that the pods of this cluster are started with, beside the file. A directive that was taken back is named in a comment: the
    /// template is another one by that, so the pods are replaced.
    /// </summary>
    public string FixedLines() => FixedConfig.Write(
        _fixed.Where(name => Wanted.TryGetValue(name, out var value) && File?.GetValueOrDefault(name) != value).Select(name => (name, (string?)Wanted[name]))
            .Concat(_removed.Select(name => (name, (string?)null))));

    /// <summary>Directives that the user took back and of which nobody knows the default.</summary>
    public IReadOnlyList<string> Forgotten() => File is null ? [] :
    [
        .. File.Keys.Where(name => !Wanted.ContainsKey(name) && !_removed.Contains(name) && !Notes.Defaults.ContainsKey(name)),
    ];

    /// <summary>Directives that some servers do not have as they shall, and that can be tried.</summary>
    public IReadOnlyList<DirectiveChange> Changes()
    {
        var changes = new List<DirectiveChange>();
        foreach (var name in Wanted.Keys.Concat(File?.Keys ?? []).Distinct().Order(StringComparer.Ordinal))
        {
            if (ValueOf(name) is { } value && !_fixed.Contains(name) && Lacking(name) is { Count: > 0 } lacking)
            {
                changes.Add(new DirectiveChange(name, value, File?.ContainsKey(name) != true, [.. lacking.Select(member => member.Reference)]));
            }
        }

        return changes;
    }

    /// <summary>What a server shall have; null where that is the server's own affair.</summary>
    string? ValueOf(string name) => Wanted.TryGetValue(name, out var value) ? value : Notes.Defaults.GetValueOrDefault(name);

    /// <summary>The servers that answer and have another value than they shall.</summary>
    List<Member> Lacking(string name)
    {
        // While a large key moves it is higher than configured.
        var isRaised = name == NodeTimeouts.Directive && _view.Observation.Objects.StatefulSets.Any(set => _view.IsOurs(set) && NodeTimeouts.ReadNote(set) is not null);
        var value = ValueOf(name);
        return value is null || isRaised ? [] : [.. _view.Members.Where(member => !Has(member, name, value))];
    }

    bool Has(Member member, string name, string value) => member.Server.Config.TryGetValue(name, out var reading)
        ? DirectiveText.IsSame(value, reading) || (Notes.Readings.GetValueOrDefault(name) is { } noted && noted.Value == value && noted.Reading == reading)

        // A server that started with it and does not speak of it is not asked for it again and again.
        : File?.GetValueOrDefault(name) == value;

    /// <summary>What the operator wrote into the file. What somebody else wrote over it is no wish of the user, and is put right.</summary>
    SortedDictionary<string, string>? ReadFile()
    {
        if (Map?.Data?.GetValueOrDefault(ConfigMaps.RedisConfKey) is not { } text)
        {
            return null;
        }

        var found = RedisConfig.Parse(text);
        var settled = new SortedDictionary<string, string>(
            Wanted.Where(directive => !_fixed.Contains(directive.Key)).Concat(found.Where(directive => _fixed.Contains(directive.Key) && Wanted.ContainsKey(directive.Key))).ToDictionary(),
            StringComparer.Ordinal);
        return ObjectApplier.IsMadeFrom(ConfigMaps.Build(_view.Observation.Cluster, settled), Map) ? settled : found;
    }

    static DirectiveNotes NotesOf(V1ConfigMap? map) => DirectiveNotes.Parse(map?.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.DirectivesAnnotation));

    /// <summary>
    /// While pods are replaced by ones that may use more, those that are still there may not; and ones that may use less have to do with that from the beginning. So
    /// all have what the smallest one can bear.
    /// </summary>
    static decimal? SmallestLimit(ClusterView view) => view.Observation.Pods
        .Select(pod => pod.Pod.Spec?.Containers.FirstOrDefault(container => container.Name == ClusterNames.RedisContainer)?.Resources)
        .Append(view.Spec.Resources)
        .Min(RedisConfig.MemoryLimit);
}

/// <summary>A directive that some servers are to be given.</summary>
/// <param name="Name">The directive.</param>
/// <param name="Value">As it would stand in redis.conf.</param>
/// <param name="IsNew">Whether it was left to the server so far.</param>
/// <param name="Servers">Who does not have it.</param>
public sealed record DirectiveChange(string Name, string Value, bool IsNew, IReadOnlyList<ServerReference> Servers);
