namespace Slotwise.Scenarios.Suite;

/// <summary>Something that happens to a cluster while an application writes to it, and what the application may notice.</summary>
/// <param name="Name">A sentence that says what happens.</param>
/// <param name="Promise">What the ledger must say in the end.</param>
/// <param name="ActAsync">Makes it happen.</param>
sealed record Scenario(string Name, Promise Promise, Func<ScenarioRun, Task> ActAsync)
{
    /// <summary>Without what it does not make sense.</summary>
    public IReadOnlyList<Shape> Shapes { get; init; } = Shape.All;

    /// <summary>Where the keys are; more than one where that changes what has to be done. With an operator that is killed only the first.</summary>
    public IReadOnlyList<Storage> Storage { get; init; } = [Suite.Storage.Memory];

    /// <summary>What the pods run at the beginning.</summary>
    public string Image { get; init; } = "redis:7.0";

    /// <summary>How long after it happened the cluster may take to be Ready and whole again.</summary>
    public TimeSpan HealsWithin { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The shape in which it runs with every change; null: only when the whole suite does.</summary>
    public Shape? AlwaysIn { get; init; }
}

/// <summary>What an application may notice.</summary>
enum Promise
{
    /// <summary>Nothing: no write is lost, and no command fails. Some wait for a moment.</summary>
    Unnoticed,

    /// <summary>No write is lost. Commands may fail while no server is there to answer them.</summary>
    NothingLost,

    /// <summary>
    /// What is lost was acknowledged by a server that then died, or was cut off, before it had told its replica. Commands may fail meanwhile.
    /// </summary>
    OnlyUnreplicated,

    /// <summary>Every copy of the keys is gone by the nature of what happens; the cluster serves again, and holds nothing that nobody wrote.</summary>
    Serves,
}

/// <summary>Where a cluster's keys are.</summary>
enum Storage
{
    Memory,
    Volume,

    /// <summary>A small volume of exactly the size that was asked for.</summary>
    SmallVolume,
}

/// <summary>How many shards, and how many replicas each has.</summary>
readonly record struct Shape(int Shards, int Replicas)
{
    public static readonly Shape Three = new(3, 1);
    public static readonly Shape Two = new(2, 1);
    public static readonly Shape One = new(1, 1);

    /// <summary>With a majority that can vote, with none once a master is gone, and with a single master.</summary>
    public static readonly IReadOnlyList<Shape> All = [Three, Two, One];

    /// <summary>With a shard beside the one that is hurt.</summary>
    public static readonly IReadOnlyList<Shape> Several = [Three, Two];

    public int Pods => Shards * (1 + Replicas);

    public override string ToString() => $"{Shards}x{Replicas}";
}
