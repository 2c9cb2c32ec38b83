using System.Text.Json.Nodes;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>Ready is not written of a cluster that was not whole all the while that it was observed, and does not outlive a pass that saw it broken.</summary>
sealed class HonestReady() : Law("7", "status is never Ready when it is not")
{
    /// <summary>The longest that an observation takes, and a pass with it.</summary>
    static readonly TimeSpan Observing = TimeSpan.FromSeconds(3);

    /// <summary>From the plan of a pass to its report: the pass of a second operator may be in between.</summary>
    static readonly TimeSpan Reporting = TimeSpan.FromSeconds(1);

    TimeSpan? _brokenSince;
    string _what = "";
    bool _isTold;

    public override void Tick()
    {
        var broken = World.FindBroken();
        _brokenSince = broken is null ? null : _brokenSince ?? World.Simulator.Now;
        _what = broken ?? "";
    }

    public override void BeforeWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write is { Kind: "RedisCluster", Subresource: "status" } && RunWorld.IsMine(write) && IsReady(write.Body) && IsLie())
        {
            Tell("is written Ready");
        }
    }

    /// <summary>What the pass before saw has been written by now.</summary>
    public override void Planned(ClusterObservation observation, Plan plan)
    {
        if (RunWorld.IsMine(observation) && World.ApiHasBeenCalm && World.IsStoredReady && IsLie() && World.LastPassBefore(World.Simulator.Now - Reporting) is { } pass && _brokenSince <= pass - Observing)
        {
            Tell("is still Ready after a pass");
        }
    }

    static bool IsReady(JsonNode? status) => (status?["status"]?["conditions"] as JsonArray)?.Any(condition =>
        condition?["type"]?.GetValue<string>() == "Ready" && condition["status"]?.GetValue<string>() == "True") == true;

    bool IsLie()
    {
        Tick();
        return _brokenSince is { } since && World.Simulator.Now - since > Observing;
    }

    void Tell(string what)
    {
        if (!_isTold)
        {
            _isTold = true;
            Violated("status", $"{what} although {_what} since {_brokenSince!.Value.TotalSeconds:0.0} s", "who waits for Ready goes on too early");
        }
    }
}
