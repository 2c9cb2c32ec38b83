using System.Net;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Controllers;

public sealed class ControllerTests
{
    [Fact]
    public void No_pass_before_all_caches_are_in() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, slowList: TimeSpan.FromSeconds(30), Map("a"), Map("b"));

        await Task.Delay(TimeSpan.FromSeconds(29), time);
        Assert.Empty(world.Passes);
        await Task.Delay(TimeSpan.FromSeconds(2), time);

        Assert.Equal(["a@30", "b@30"], world.Passes);
    });

    [Fact]
    public void A_pass_that_asks_is_looked_at_again_and_one_that_does_not_is_not() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"), Map("b"));
        world.Reconcile = key => Task.FromResult(new ReconcileResult(key.Name == "a" ? TimeSpan.FromSeconds(60) : null));

        await Task.Delay(TimeSpan.FromSeconds(130), time);

        Assert.Equal(["a@0", "b@0", "a@60", "a@120"], world.Passes);
    });

    [Fact]
    public void A_failing_resource_is_tried_later_and_later_for_ever_and_starts_over_after_a_success() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        var failures = 0;
        world.Reconcile = _ => ++failures <= 30 ? throw new InvalidDataException("broken") : Task.FromResult(new ReconcileResult(null));

        await Task.Delay(TimeSpan.FromHours(5), time);

        Assert.Equal(["a@0", "a@0.2", "a@0.6", "a@1.4", "a@3"], world.Passes[..5]);
        Assert.Equal(31, world.Passes.Count);
        Assert.Equal(0, world.Controller.Queue.Failures(new NamespacedName("shop", "a")));
        Assert.Equal(30, world.Lines.Count(line => line.StartsWith("Error", StringComparison.Ordinal)));
        Assert.Equal("Error shop/a: the pass failed (2 in a row): broken", world.Lines[1]);
    });

    [Fact]
    public void A_conflict_is_tried_again_quietly() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        var passes = 0;
        world.Reconcile = _ => ++passes == 1
            ? throw new KubernetesApiException(HttpStatusCode.Conflict, new V1Status { Reason = "Conflict", Message = "changed" })
            : Task.FromResult(new ReconcileResult(null));

        await Task.Delay(TimeSpan.FromSeconds(5), time);

        Assert.Equal(["a@0", "a@0.2"], world.Passes);
        Assert.Equal(["Debug shop/a: changed; looking again"], world.Lines);
    });

    [Fact]
    public void A_server_that_asks_for_a_pause_gets_it() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        var passes = 0;
        world.Reconcile = _ => ++passes == 1
            ? throw new KubernetesApiException(HttpStatusCode.TooManyRequests, new V1Status { Message = "busy" }, TimeSpan.FromSeconds(7))
            : Task.FromResult(new ReconcileResult(null));

        await Task.Delay(TimeSpan.FromSeconds(20), time);

        Assert.Equal(["a@0", "a@7"], world.Passes);
    });

    [Fact]
    public void A_pass_that_takes_too_long_is_cancelled_and_tried_again() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        var passes = 0;
        world.ReconcileCancellably = async (_, token) =>
        {
            if (++passes == 1)
            {
                await Task.Delay(TimeSpan.FromHours(1), time, token);
            }

            return new ReconcileResult(null);
        };

        await Task.Delay(TimeSpan.FromMinutes(5), time);

        Assert.Equal(["a@0", "a@20.2"], world.Passes);
        Assert.Equal(["Warning shop/a: the pass took longer than 20 s and was cancelled"], world.Lines);
    });

    [Fact]
    public void One_resource_is_never_worked_on_twice_at_a_time_and_several_are() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, [.. Enumerable.Range(0, 8).Select(i => Map($"m{i}"))]);
        var running = new SortedSet<string>();
        var most = 0;
        world.Reconcile = async key =>
        {
            Assert.True(running.Add(key.Name));
            most = Math.Max(most, running.Count);
            world.Controller.Queue.Add(key);
            await Task.Delay(TimeSpan.FromSeconds(1), time);
            running.Remove(key.Name);
            return new ReconcileResult(null);
        };

        await Task.Delay(TimeSpan.FromSeconds(60), time);

        Assert.Equal(4, most);
        Assert.True(world.Passes.Count > 200);
    });

    [Fact]
    public void A_change_of_owner_looks_at_both() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"), Map("b"));
        world.Owned.OnWatch((_, _) => OneAsync(time, new(WatchEventType.Modified, Map("child", "9", owner: "b"), "9")));

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["a@0", "b@0", "a@5", "b@5"], world.Passes);
    });

    [Fact]
    public void Changes_that_come_together_get_one_pass() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        world.Gather = TimeSpan.FromMilliseconds(50);
        world.Owned.OnWatch((_, _) => AtAsync(time, 5, 5.02, 5.04, 5.2));

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["a@0.05", "a@5.05", "a@5.25"], world.Passes);
    });

    [Fact]
    public void A_report_gets_no_pass_and_a_wish_does() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        world.Primary.OnWatch((_, _) => AfterAsync(time, Map("a", "2", hurt: true), Map("a", "3", hurt: true, owner: "x")));

        await Task.Delay(TimeSpan.FromMinutes(1), time);

        Assert.Equal(["a@0", "a@10"], world.Passes);
    });

    [Fact]
    public void Hurt_resources_go_first() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"), Map("b"), Map("c", hurt: true), Map("d"), Map("e", hurt: true));
        world.Workers = 1;

        await Task.Delay(TimeSpan.FromSeconds(1), time);

        Assert.Equal(["c@0", "e@0", "a@0", "b@0", "d@0"], world.Passes);
    });

    [Fact]
    public void Shutting_down_finishes_the_pass_that_runs_and_starts_no_other() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, [.. Enumerable.Range(0, 8).Select(i => Map($"m{i}"))]);
        var finished = 0;
        world.Reconcile = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), time);
            finished++;
            return new ReconcileResult(TimeSpan.Zero);
        };
        await Task.Delay(TimeSpan.FromSeconds(5), time);

        await world.StopAsync();

        Assert.Equal(10, time.Elapsed.TotalSeconds);
        Assert.Equal((4, 4), (finished, world.Passes.Count));
    });

    [Fact]
    public void Each_pass_has_an_id_in_its_log_scope() => VirtualLoop.Run(async time =>
    {
        await using var world = new World(time, default, Map("a"));
        world.Reconcile = _ => throw new InvalidDataException("broken");
        await Task.Delay(TimeSpan.FromSeconds(0.5), time);

        Assert.Equal(["namespace=shop name=a reconcileId=1", "namespace=shop name=a reconcileId=2"], world.Scopes);
    });

    static V1ConfigMap Map(string name, string version = "1", string? owner = null, bool hurt = false) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "shop", Uid = name, ResourceVersion = version },
        Data = new SortedDictionary<string, string> { ["owner"] = owner ?? "", ["hurt"] = hurt ? "yes" : "no" },
    };

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> OneAsync(TimeProvider time, WatchEvent<V1ConfigMap> change)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        yield return change;
    }

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> AfterAsync(TimeProvider time, params V1ConfigMap[] maps)
    {
        foreach (var map in maps)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), time);
            yield return new WatchEvent<V1ConfigMap>(WatchEventType.Modified, map, map.Metadata.ResourceVersion!);
        }
    }

    static async IAsyncEnumerable<WatchEvent<V1ConfigMap>> AtAsync(FakeTimeProvider time, params double[] moments)
    {
        foreach (var moment in moments)
        {
            await Task.Delay(TimeSpan.FromSeconds(moment) - time.Elapsed, time);
            yield return new WatchEvent<V1ConfigMap>(WatchEventType.Modified, Map("child", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{moment * 100}"), owner: "a"), "9");
        }
    }

    /// <summary>A controller of config maps that belong to nobody, and of a second informer's config maps that belong to them.</summary>
    sealed class World : IEntityController<V1ConfigMap>, ILogger, IAsyncDisposable
    {
        readonly FakeTimeProvider _time;
        readonly CancellationTokenSource _stop = new();
        readonly Task _run;

        public World(FakeTimeProvider time, TimeSpan slowList, params V1ConfigMap[] maps)
        {
            _time = time;
            Primary.OnList("5", null, maps);
            Owned = new ScriptedApi();
            Owned.OnList(async _ =>
            {
                await Task.Delay(slowList, time);
                return new KubernetesList<V1ConfigMap>([Map("child", owner: "a")], "5", null);
            });
            _run = RunAsync();
        }

        public Controller<V1ConfigMap> Controller { get; private set; } = null!;

        public ScriptedApi Primary { get; } = new();

        public ScriptedApi Owned { get; }

        public int Workers { get; set; } = 4;

        public TimeSpan Gather { get; set; }

        public List<string> Passes { get; } = [];

        public List<string> Lines { get; } = [];

        public List<string> Scopes { get; } = [];

        public Func<NamespacedName, Task<ReconcileResult>> Reconcile { get; set; } = _ => Task.FromResult(new ReconcileResult(null));

        public Func<NamespacedName, CancellationToken, Task<ReconcileResult>>? ReconcileCancellably { get; set; }

        public Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
        {
            Passes.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key.Name}@{_time.Elapsed.TotalSeconds:0.##}"));
            return ReconcileCancellably is { } cancellable ? cancellable(key, cancellationToken) : Reconcile(key);
        }

        public async Task StopAsync()
        {
            _stop.Cancel();
            await _run;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Scopes.Add(string.Join(' ', ((IEnumerable<KeyValuePair<string, object>>)state).Select(entry => $"{entry.Key}={entry.Value}")));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{logLevel} {formatter(state, exception)}";
            if (!line.Contains("configmaps", StringComparison.Ordinal))
            {
                Lines.Add(line);
            }
        }

        async Task RunAsync()
        {
            await Task.Yield(); // let the test say what it wants first
            var primary = new Informer<V1ConfigMap>(Primary, new InformerOptions<V1ConfigMap>(), _time, new Random(1), this);
            var options = new InformerOptions<V1ConfigMap> { OwnerOf = map => new NamespacedName("shop", map.Data!["owner"]) };
            var owned = new Informer<V1ConfigMap>(Owned, options, _time, new Random(1), this);
            Controller = new Controller<V1ConfigMap>(this, new ControllerOptions { Workers = Workers, PassTimeout = TimeSpan.FromSeconds(20), Gather = Gather }, _time, this);
            Controller.Watch(primary, map => map.Data!["hurt"] == "yes", (old, current) => old.Data!["owner"] == current.Data!["owner"]);
            Controller.WatchOwned(owned);
            await new ControllerHost(Controller.Informers, Controller.RunAsync, elector: null).RunAsync(_stop.Token);
        }
    }
}
