using System.Globalization;
using System.Text.Json.Nodes;

namespace Slotwise.Simulation.Runs;

/// <summary>Steps of a random walk through the fields of the resource, valid and invalid ones.</summary>
public static class SpecWalk
{
    /// <summary>An image that no registry has.</summary>
    public const string MissingImage = "redis:9.9";

    /// <summary>A merge patch by which slots whose keys are lost are served empty, without being asked.</summary>
    public const string GivesLostSlotsAway = """{"spec":{"recovery":{"lostSlots":"Reassign"}}}""";

    /// <summary>A merge patch of the resource.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="shards">How many shards the walk began with; it never goes far from there.</param>
    /// <param name="hasVolumes">Whether the resource has storage, which can be neither added nor removed.</param>
    public static string Draw(Random random, int shards, bool hasVolumes)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.Next(22) switch
        {
            < 7 => Spec("shards", Math.Max(1, shards + random.Next(-2, 3))),
            < 11 => Spec("replicasPerShard", random.Next(3)),
            11 => Spec("rebalance", random.Next(2) == 0 ? """{"mode":"Manual"}""" : """{"mode":"Auto","maxParallelMoves":1}"""),
            12 => Spec("paused", "true"),
            13 => Spec("paused", "false"),
            14 => Spec("config", """{"maxmemory-policy":"allkeys-lru"}"""),
            15 => Spec("image", $"\"{MissingImage}\""),
            16 => Spec("terminationGracePeriodSeconds", random.Next(10, 200)),
            17 => Spec("resources", """{"limits":{"memory":"2Gi"}}"""),
            18 => """{"metadata":{"annotations":{"slotwise.dev/allow-eviction":"true"}}}""",

            // What the API server refuses.
            19 => Spec("shards", Pick(random, "0", "-1", "501", "\"three\"")),
            20 => Spec("config", Pick(random, """{"port":"7000"}""", """{"cluster-enabled":"no"}""", """{"masteruser":"me"}""")),
            _ => Spec("storage", hasVolumes ? "null" : """{"size":"1Gi"}"""),
        };
    }

    /// <summary>One of the shards to which keys go after the patch; null when it moves none.</summary>
    /// <param name="patch">The merge patch.</param>
    /// <param name="shards">How many shards there are before.</param>
    /// <param name="random">Decides which.</param>
    public static int? ReceiverOf(string patch, int shards, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return JsonNode.Parse(patch)!["spec"]?["shards"] is JsonValue value && value.TryGetValue<int>(out var wanted) && wanted > 0 && wanted != shards
            ? wanted > shards ? random.Next(shards, wanted) : random.Next(wanted)
            : null;
    }

    static string Spec(string field, int value) => Spec(field, value.ToString(CultureInfo.InvariantCulture));

    static string Spec(string field, string value) => "{\"spec\":{\"" + field + "\":" + value + "}}";

    static string Pick(Random random, params ReadOnlySpan<string> values) => values[random.Next(values.Length)];
}
