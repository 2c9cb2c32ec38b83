using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Api;

/// <summary>The API server as a process at an address sees it: every request travels there and back, and either way may be cut.</summary>
public sealed class ApiClient : IKubernetesApi
{
    /// <summary>How often a client finds out whether its watches still stand (HTTP/2 keep-alive pings).</summary>
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    readonly ApiServer _server;
    readonly Process _process;
    readonly string _address;
    readonly WriteOptions _options;
    readonly List<WatchStream> _watches = [];
    int _missed;
    bool _pings;

    internal ApiClient(ApiServer server, Process process, string address)
    {
        _server = server;
        _process = process;
        _address = address;
        _options = new WriteOptions { Manager = "slotwise", Validation = FieldValidation.Ignore };
        process.Ended += () => BreakWatches("the client ended");
    }

    internal bool IsReached => _process.IsAlive && !_server.IsDown && _server.World.Network.Reaches(Network.ApiServer, _address);

    bool Reaches => !_server.IsDown && _server.World.Network.Reaches(_address, Network.ApiServer);

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        AskAsync(Request<T>("get", ns, name), () => _server.Store.Get(KindOf<T>(), ns, name).Read(T.JsonTypeInfo), cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => AskAsync(
        Request<T>("list", ns, ""),
        () =>
        {
            var page = _server.Store.List(KindOf<T>(), ns, new ListQuery
            {
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                Limit = options.Limit,
                Continue = options.Continue,
                ResourceVersion = options.ResourceVersion,
                AsOf = options.ResourceVersion == "0" ? _server.StaleVersion() : null,
            });
            return new KubernetesList<T>([.. page.Items.Select(stored => stored.Read(T.JsonTypeInfo))], Text(page.ResourceVersion), page.Continue);
        },
        cancellationToken);

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FieldSelector is not null)
        {
            throw new NotSupportedException("a watch with a field selector");
        }

        var from = long.Parse(options.ResourceVersion, CultureInfo.InvariantCulture);
        using var watch = await AskAsync(
            Request<T>("watch", ns, ""),
            () => _server.IsForgotten(from) ? throw ApiError.TooOld(from, _server.Store.ResourceVersion) : Open(KindOf<T>(), ns, options.LabelSelector, from, options.Timeout),
            cancellationToken);
        while (true)
        {
            while (watch.TryTake(out var told))
            {
                yield return new WatchEvent<T>(told.Type, told.Object!.Read(T.JsonTypeInfo), Text(told.ResourceVersion));
            }

            if (watch.IsOver)
            {
                _watches.Remove(watch);
                if (watch.Trouble is { } trouble)
                {
                    throw new KubernetesUnreachableException(trouble);
                }

                yield break;
            }

            await watch.WaitAsync(cancellationToken);
        }
    }

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        AskAsync(
            Request<T>("create", obj.Metadata.NamespaceProperty, obj.Metadata.Name ?? obj.Metadata.GenerateName ?? ""),
            () => _server.Store.Create(KindOf<T>(), obj.Metadata.NamespaceProperty, Write(obj), _options).Object.Read(T.JsonTypeInfo),
            cancellationToken);

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        var by = new WriteOptions { Manager = options.FieldManager, Force = options.Force };
        var name = obj.Metadata.Name ?? throw new ArgumentException("an apply needs metadata.name", nameof(obj));
        return AskAsync(
            Request<T>("apply", obj.Metadata.NamespaceProperty, name, options.Subresource),
            () => _server.Store.Patch(KindOf<T>(), obj.Metadata.NamespaceProperty, name, PatchType.Apply, Write(obj), options.Subresource, by).Object.Read(T.JsonTypeInfo),
            cancellationToken);
    }

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        AskAsync(
            Request<T>("patch", ns, name, subresource),
            () => _server.Store.Patch(KindOf<T>(), ns, name, PatchType.Merge, patch, subresource, _options).Object.Read(T.JsonTypeInfo),
            cancellationToken);

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var name = lease.Metadata.Name ?? throw new ArgumentException("a lease needs metadata.name", nameof(lease));
        return AskAsync(
            Request<V1Lease>("update", lease.Metadata.NamespaceProperty, name),
            () => _server.Store.Update(KindOf<V1Lease>(), lease.Metadata.NamespaceProperty, name, Write(lease), null, _options).Object.Read(V1Lease.JsonTypeInfo),
            cancellationToken);
    }

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        AskAsync(Request<T>("delete", ns, name), () => _server.Store.Delete(KindOf<T>(), ns, name, options), cancellationToken);

    Task<TAnswer> AskAsync<TAnswer>(ApiRequest request, Func<TAnswer> effect, CancellationToken cancellationToken)
    {
        var asked = new Question<TAnswer>(cancellationToken);
        if (!_process.IsAlive || asked.Task.IsCompleted)
        {
            return asked.Task;
        }

        if (_server.IsDown)
        {
            After(_server.World.Delays.Request, () => asked.Fail(new KubernetesUnreachableException("connection refused")));
            return asked.Task;
        }

        asked.GivesUp = _server.World.Simulator.After(
            KubernetesClient.RequestTimeout, () => asked.Fail(new KubernetesUnreachableException($"no answer within {KubernetesClient.RequestTimeout.TotalSeconds} s")));
        var fault = _server.Choose?.Invoke(request);
        After(_server.World.Delays.Request, () => Arrive(request, fault, effect, asked));
        return asked.Task;
    }

    /// <summary>The request has come to the server, or is lost. That its client has ended meanwhile does not stop it.</summary>
    void Arrive<TAnswer>(ApiRequest request, ApiFault? fault, Func<TAnswer> effect, Question<TAnswer> asked)
    {
        if (!Reaches)
        {
            return;
        }

        var wasAlive = _process.IsAlive;
        if (request.IsWrite)
        {
            _server.BeforeWrite?.Invoke(request);
            if (wasAlive && !_process.IsAlive)
            {
                return;
            }
        }

        Action answer;
        if (fault?.Code is not null && !fault.AfterEffect)
        {
            var refusal = fault.Refusal(request);
            answer = () => asked.Fail(refusal);
        }
        else
        {
            answer = Carry(effect, asked);
            if (request.IsWrite)
            {
                _server.AfterWrite?.Invoke(request);
            }

            if (fault?.Code is not null)
            {
                var refusal = fault.Refusal(request);
                answer = () => asked.Fail(refusal);
            }
        }

        if (fault?.NoAnswer == true)
        {
            return;
        }

        _server.World.Simulator.After(_server.Draw(_server.World.Delays.Request) + (fault?.Delay ?? TimeSpan.Zero), () =>
        {
            if (IsReached)
            {
                answer();
            }
        });
    }

    static Action Carry<TAnswer>(Func<TAnswer> effect, Question<TAnswer> asked)
    {
        try
        {
            var answer = effect();
            return () => asked.Answer(answer);
        }
        catch (KubernetesApiException refusal)
        {
            return () => asked.Fail(refusal);
        }
    }

    WatchStream Open(ResourceKind kind, string? ns, string? labels, long from, TimeSpan timeout)
    {
        var watch = new WatchStream(_server, this, kind, ns, labels, from, timeout);
        _watches.Add(watch);
        if (!_pings)
        {
            _pings = true;
            _server.World.Simulator.After(KeepAlive, Ping);
        }

        return watch;
    }

    void Ping()
    {
        if (!_process.IsAlive)
        {
            return;
        }

        if (_server.IsDown || (_missed = Reaches && IsReached ? 0 : _missed + 1) >= 3)
        {
            BreakWatches("the connection is dead");
        }

        foreach (var watch in _watches)
        {
            watch.Resume();
        }

        _server.World.Simulator.After(KeepAlive, Ping);
    }

    void BreakWatches(string why)
    {
        foreach (var watch in _watches.ToList())
        {
            watch.Break(why);
        }

        _watches.Clear();
    }

    void After(Between delay, Action action) => _server.World.Simulator.After(_server.Draw(delay), action);

    ResourceKind KindOf<T>()
        where T : class, IKubernetesObject<T> => _server.Store.Kinds.Get(KubernetesKind.Of<T>());

    ApiRequest Request<T>(string verb, string? ns, string name, string? subresource = null)
        where T : class, IKubernetesObject<T> => new(_process.Name, verb, KubernetesKind.Of<T>().Plural, $"{ns}/{name}", subresource);

    static JsonObject Write<T>(T obj)
        where T : class, IKubernetesObject<T> => (JsonObject)JsonSerializer.SerializeToNode(obj, T.JsonTypeInfo)!;

    static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>A request on its way. The first that becomes of it counts.</summary>
    sealed class Question<TAnswer>
    {
        // completed where it is: continuations of the asking process go through its own context
        readonly TaskCompletionSource<TAnswer> _source = new();
        readonly CancellationTokenRegistration _cancellation;

        public Question(CancellationToken cancellationToken) =>
            _cancellation = cancellationToken.UnsafeRegister(_ => _source.TrySetCanceled(cancellationToken), null);

        public Task<TAnswer> Task => _source.Task;

        public Appointment? GivesUp { get; set; }

        public void Answer(TAnswer answer)
        {
            End();
            _source.TrySetResult(answer);
        }

        public void Fail(Exception exception)
        {
            End();
            _source.TrySetException(exception);
        }

        void End()
        {
            GivesUp?.Cancel();
            _cancellation.Unregister();
        }
    }
}
