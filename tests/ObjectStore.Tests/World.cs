namespace Slotwise.ObjectStore.Tests;

/// <summary>A store on a clock of its own, and short ways to ask it.</summary>
sealed class World
{
    public World(int rememberedChanges = 4096) =>
        Store = new Store(new StoreOptions { Time = Time, Random = new Random(1), RememberedChanges = rememberedChanges });

    public FakeTime Time { get; } = new();

    public Store Store { get; }

    public ResourceKind Kind(string plural) => Store.Kinds.All.First(kind => kind.Kind.Plural == plural);

    public JsonObject Create(string plural, string json, string manager = "test") =>
        Store.Create(Kind(plural), NamespaceOf(plural), Parse(json), new WriteOptions { Manager = manager, Validation = FieldValidation.Strict }).Object.Json;

    public JsonObject Get(string plural, string name) => Store.Get(Kind(plural), NamespaceOf(plural), name).Json;

    public bool Exists(string plural, string name) =>
        Store.List(Kind(plural), NamespaceOf(plural), new ListQuery { FieldSelector = $"metadata.name={name}" }).Items.Count > 0;

    public JsonObject Update(string plural, JsonObject obj, string? subresource = null, string manager = "test") =>
        Store.Update(Kind(plural), NamespaceOf(plural), Meta.Name(obj), obj, subresource, new WriteOptions { Manager = manager }).Object.Json;

    public JsonObject Patch(string plural, string name, PatchType type, string patch, string? subresource = null, string manager = "test") =>
        Store.Patch(Kind(plural), NamespaceOf(plural), name, type, JsonNode.Parse(patch)!, subresource, new WriteOptions { Manager = manager }).Object.Json;

    public JsonObject Apply(string plural, string json, string manager, bool force = false, string? subresource = null)
    {
        var obj = Parse(json);
        var kind = Kind(plural);
        obj["apiVersion"] = kind.Kind.ApiVersion;
        obj["kind"] = kind.Kind.Kind;
        return Store.Patch(kind, NamespaceOf(plural), Meta.Name(obj), PatchType.Apply, obj, subresource, new WriteOptions { Manager = manager, Force = force }).Object.Json;
    }

    public DeleteResult Delete(string plural, string name, DeleteOptions? options = null) =>
        Store.Delete(Kind(plural), NamespaceOf(plural), name, options ?? new DeleteOptions());

    public static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    string? NamespaceOf(string plural) => Kind(plural).Kind.Namespaced ? "default" : null;
}
