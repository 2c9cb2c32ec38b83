using System.Globalization;

namespace Slotwise.ObjectStore.Objects;

/// <summary>Names for what stands under <c>metadata</c>.</summary>
public static class Meta
{
    public static JsonObject Of(JsonObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return obj.Ensure("metadata");
    }

    public static string Name(JsonObject obj) => obj.Object("metadata").Text("name") ?? "";

    public static string Namespace(JsonObject obj) => obj.Object("metadata").Text("namespace") ?? "";

    public static string Uid(JsonObject obj) => obj.Object("metadata").Text("uid") ?? "";

    public static string? ResourceVersion(JsonObject obj) => obj.Object("metadata").Text("resourceVersion");

    public static long Generation(JsonObject obj) => obj.Object("metadata").Number("generation") ?? 0;

    public static bool IsDeleting(JsonObject obj) => obj.Object("metadata").Text("deletionTimestamp") is not null;

    public static IEnumerable<string> Finalizers(JsonObject obj) => obj.Object("metadata").Array("finalizers").Texts();

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
