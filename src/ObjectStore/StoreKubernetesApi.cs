using System.Runtime.CompilerServices;

namespace Slotwise.ObjectStore;

/// <summary>
/// The store behind the port that controllers are written against: what they would get over HTTP, without HTTP. Objects go
/// through JSON in both directions, so that nothing is shared and nothing survives that the wire would lose.
/// </summary>
/// <param name="store">Where the objects are.</param>
/// <param name="manager">The name under which writes other than applies are recorded, as the user agent's would be.</param>
public sealed class StoreKubernetesApi(Store store, string manager) : IKubernetesApi
{
    readonly WriteOptions _options = new() { Manager = manager, Validation = FieldValidation.Ignore };

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        Answer(() => Read<T>(store.Get(KindOf<T>(), ns, name)), cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(string? ns, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => Answer(
        () =>
        {
            var page = store.List(KindOf<T>(), ns, new ListQuery
            {
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                Limit = options.Limit,
                Continue = options.Continue,
                ResourceVersion = options.ResourceVersion,
            });
            return new KubernetesList<T>([.. page.Items.Select(Read<T>)], Text(page.ResourceVersion), page.Continue);
        },
        cancellationToken);

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        var query = new WatchQuery
        {
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = options.ResourceVersion,
            Bookmarks = true,
            Timeout = options.Timeout,
        };
        await foreach (var change in store.Watch(KindOf<T>(), ns, query, cancellationToken))
        {
            yield return new WatchEvent<T>(change.Type, change.Object is { } stored ? Read<T>(stored) : null, Text(change.ResourceVersion));
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public Task<T> CreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        Answer(() => Read<T>(store.Create(KindOf<T>(), obj.Metadata.NamespaceProperty, Write(obj), _options).Object), cancellationToken);

    public Task<T> ApplyAsync<T>(T obj, ApplyOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => Answer(
        () =>
        {
            var by = new WriteOptions { Manager = options.FieldManager, Force = options.Force };
            var name = obj.Metadata.Name ?? throw ApiError.BadRequest("an apply needs metadata.name");
            return Read<T>(store.Patch(KindOf<T>(), obj.Metadata.NamespaceProperty, name, PatchType.Apply, Write(obj), options.Subresource, by).Object);
        },
        cancellationToken);

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        Answer(() => Read<T>(store.Patch(KindOf<T>(), ns, name, PatchType.Merge, patch, subresource, _options).Object), cancellationToken);

    public Task<V1Lease> ReplaceLeaseAsync(V1Lease lease, CancellationToken cancellationToken) => Answer(
        () =>
        {
            var name = lease.Metadata.Name ?? throw ApiError.BadRequest("a lease needs metadata.name");
            return Read<V1Lease>(store.Update(KindOf<V1Lease>(), lease.Metadata.NamespaceProperty, name, Write(lease), null, _options).Object);
        },
        cancellationToken);

    public Task DeleteAsync<T>(string? ns, string name, DeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> =>
        Answer(() => store.Delete(KindOf<T>(), ns, name, options), cancellationToken);

    ResourceKind KindOf<T>()
        where T : class, IKubernetesObject<T> => store.Kinds.Get(KubernetesKind.Of<T>());

    static T Read<T>(StoredObject stored)
        where T : class, IKubernetesObject<T> => stored.Read(T.JsonTypeInfo);

    static JsonObject Write<T>(T obj)
        where T : class, IKubernetesObject<T> => (JsonObject)JsonSerializer.SerializeToNode(obj, T.JsonTypeInfo)!;

    static string Text(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // A refusal is the task's, as it would be over HTTP, never the call's.
    static Task<TAnswer> Answer<TAnswer>(Func<TAnswer> ask, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TAnswer>(cancellationToken);
        }

        try
        {
            return Task.FromResult(ask());
        }
        catch (KubernetesApiException e)
        {
            return Task.FromException<TAnswer>(e);
        }
    }
}
