namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The server in an image: what it says of itself, and the number in the header of its dumps.</summary>
sealed record ModelVersion(string Info, int Format)
{
    static readonly SortedDictionary<string, ModelVersion> Images = new(StringComparer.Ordinal)
    {
        ["redis:6.2"] = new("redis_version:6.2.14\r\n", 9),
        ["redis:7.0"] = new("redis_version:7.0.15\r\n", 10),
        ["redis:7.0.9"] = new("redis_version:7.0.9\r\n", 10),
        ["redis:7.2"] = new("redis_version:7.2.5\r\n", 11),
        ["redis:8.0"] = new("redis_version:8.0.2\r\n", 12),
        ["valkey:8.1"] = new("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n", 11),
        ["mirror/cache:stable"] = new("redis_version:8.0.2\r\n", 12),
        ["mirror/cache:old"] = new("redis_version:7.0.15\r\n", 10),
    };

    public static ModelVersion Of(string image) => Images[image];

    public bool Reads(ModelVersion other) => other.Format <= Format;
}
