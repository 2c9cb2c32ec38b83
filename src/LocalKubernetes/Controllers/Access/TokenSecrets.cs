using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.LocalKubernetes.Controllers.Namespaces;

namespace Slotwise.LocalKubernetes.Controllers.Access;

/// <summary>Fills Secrets of type <c>kubernetes.io/service-account-token</c> for the account that their annotation names, and deletes them with it.</summary>
public sealed class TokenSecrets(
    IKubernetesApi api, IObjectCache<V1Secret> secrets, IObjectCache<ServiceAccountDocument> accounts, ServiceAccountTokens tokens, string certificateAuthority) : IEntityController<V1Secret>
{
    public const string Type = "kubernetes.io/service-account-token";

    const string AccountName = "kubernetes.io/service-account.name";
    const string AccountUid = "kubernetes.io/service-account.uid";

    /// <summary>The account that a Secret is of; null for Secrets of other sorts.</summary>
    public static string? AccountOf(V1Secret secret) => secret is { Type: Type } ? secret.Metadata.Annotations?.GetValueOrDefault(AccountName) : null;

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (secrets.Get(key) is not { } secret || AccountOf(secret) is not { Length: > 0 } name || secret.Metadata.DeletionTimestamp is not null)
        {
            return default;
        }

        var account = accounts.Get(new NamespacedName(key.Namespace, name)) ?? await FindAsync(key.Namespace, name, cancellationToken);
        var uid = secret.Metadata.Annotations!.GetValueOrDefault(AccountUid);
        if (account is null || (uid is not null && uid != account.Metadata.Uid))
        {
            await DeleteAsync(key, secret, cancellationToken);
        }
        else if (secret.Data?.ContainsKey("token") != true || secret.Data.ContainsKey("ca.crt") != true || uid is null)
        {
            await FillAsync(key, secret, account, cancellationToken);
        }

        return default;
    }

    // The account may be newer than what was heard of accounts.
    async Task<ServiceAccountDocument?> FindAsync(string ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await api.GetAsync<ServiceAccountDocument>(ns, name, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    async Task FillAsync(NamespacedName key, V1Secret secret, ServiceAccountDocument account, CancellationToken cancellationToken)
    {
        var (name, uid) = (account.Metadata.Name!, account.Metadata.Uid!);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = secret.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [AccountUid] = uid },
            },
            ["data"] = new JsonObject
            {
                ["ca.crt"] = Encode(certificateAuthority),
                ["namespace"] = Encode(key.Namespace),
                ["token"] = Encode(tokens.IssueForSecret(key.Namespace, name, uid, key.Name)),
            },
        };
        await api.MergePatchAsync<V1Secret>(key.Namespace, key.Name, patch, null, cancellationToken);
    }

    async Task DeleteAsync(NamespacedName key, V1Secret secret, CancellationToken cancellationToken)
    {
        try
        {
            await api.DeleteAsync<V1Secret>(key.Namespace, key.Name, new DeleteOptions { PreconditionUid = secret.Metadata.Uid }, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // gone, or another one by now
        }
    }

    static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
