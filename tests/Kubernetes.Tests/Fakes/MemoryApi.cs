using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Tests.Fakes;

/// <summary>
/// Objects in memory with versions and conflicts, for one thread. Every call takes <see cref="Latency"/>, and fails with <see cref="Failure"/> while that is set.
/// </summary>
public sealed class MemoryApi(TimeProvider time) : IKubernetesApi
{
    readonly Dictionary<string, (object Object, string Version)> _objects = [];
    long _version;

    public TimeSpan Latency { get; set; }

    /// <summary>Asked before every call: what it fails with, or null.</summary>
    public Func<string, Exception?> Failure { get; set; } = _ => null;

    /// <summary>Asked after every write took effect: what its answer is lost to, or null.</summary>
    public Func<string, Exception?> LostAnswer { get; set; } = _ => null;

    /// <summary>Verb, kind and name of every call that arrived.</summary>
    public List<string> Calls { get; } = [];

    public List<EventsV1Event> Events => [.. _objects.Values.Select(entry => entry.Object).OfType<EventsV1Event>()];

    public V1Lease? Lease => _objects.Values.Select(entry => entry.Object).OfType<V1Lease>().SingleOrDefault();

    public void Clear() => _objects.Clear();

    public async Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        await ArriveAsync<T>("get", name, cancellationToken);
        return _objects.TryGetValue(Key<T>(ns, name), out var found) ? Versioned((T)found.Object, found.Version) : throw Refusal(HttpStatusCode.NotFound, "NotFound");
    }

    public async Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        await ArriveAsync<T>("create", obj.Metadata.Name!, cancellationToken);
        var key = Key<T>(obj.Metadata.NamespaceProperty, obj.Metadata.Name!);
        return _objects.ContainsKey(key) ? throw Refusal(HttpStatusCode.Conflict, "AlreadyExists") : Write(key, obj, "create");
    }

    public async Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        await ArriveAsync<T>("apply", obj.Metadata.Name!, cancellationToken);
        return Write(Key<T>(obj.Metadata.NamespaceProperty, obj.Metadata.Name!), obj, "apply");
    }

    public async Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        await ArriveAsync<T>("patch", name, cancellationToken);
        if (!_objects.TryGetValue(Key<T>(ns, name), out var found))
        {
            throw Refusal(HttpStatusCode.NotFound, "NotFound");
        }

        var node = JsonSerializer.SerializeToNode((T)found.Object, T.JsonTypeInfo)!.AsObject();
        foreach (var (field, value) in patch)
        {
            node[field] = value?.DeepClone();
        }

        return Write(Key<T>(ns, name), node.Deserialize(T.JsonTypeInfo)!, "patch");
    }

    public async Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken)
    {
        await ArriveAsync<V1Lease>("replace", lease.Metadata.Name!, cancellationToken);
        var key = Key<V1Lease>(lease.Metadata.NamespaceProperty, lease.Metadata.Name!);
        return !_objects.TryGetValue(key, out var found) ? throw Refusal(HttpStatusCode.NotFound, "NotFound")
            : found.Version != lease.Metadata.ResourceVersion ? throw Refusal(HttpStatusCode.Conflict, "Conflict")
            : Write(key, lease, "replace");
    }

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => throw new NotSupportedException();

    static string Key<T>(string? ns, string name) => $"{typeof(T).Name}/{ns}/{name}";

    static KubernetesApiException Refusal(HttpStatusCode code, string reason) => new(code, new V1Status { Reason = reason, Message = reason });

    async Task ArriveAsync<T>(string verb, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        var call = $"{verb} {KubernetesKind.Of<T>().Kind} {name}";
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, time, cancellationToken);
        }

        if (Failure(call) is { } failure)
        {
            throw failure;
        }

        Calls.Add(call);
    }

    T Write<T>(string key, T obj, string verb)
        where T : class, IKubernetesObject<T>
    {
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[key] = (obj, version);
        return LostAnswer(verb) is { } lost ? throw lost : Versioned(obj, version);
    }

    static T Versioned<T>(T obj, string version)
        where T : class, IKubernetesObject<T>
    {
        var node = JsonSerializer.SerializeToNode(obj, T.JsonTypeInfo)!;
        node["metadata"]!["resourceVersion"] = version;
        return node.Deserialize(T.JsonTypeInfo)!;
    }
}
