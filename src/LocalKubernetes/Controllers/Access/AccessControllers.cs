using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.LocalKubernetes.Controllers.Namespaces;

namespace Slotwise.LocalKubernetes.Controllers.Access;

/// <summary>The controllers that keep roles and the tokens of service accounts.</summary>
public sealed class AccessControllers : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Controller<ClusterRoleDocument> _aggregation;
    readonly Controller<V1Secret> _secrets;
    readonly KubernetesClient _api;
    readonly Task _work;

    AccessControllers(KubernetesClient api, ServiceAccountTokens tokens, string certificateAuthority, TimeProvider time, ILogger logger)
    {
        _api = api;
        var roles = new Informer<ClusterRoleDocument>(api, new InformerOptions<ClusterRoleDocument>(), time, new Random(), logger);
        var secrets = new Informer<V1Secret>(api, new InformerOptions<V1Secret> { FieldSelector = $"type={TokenSecrets.Type}" }, time, new Random(), logger);
        var accounts = new Informer<ServiceAccountDocument>(api, new InformerOptions<ServiceAccountDocument>(), time, new Random(), logger);
        var options = new ControllerOptions { Workers = 1 };

        _aggregation = new Controller<ClusterRoleDocument>(new RoleAggregation(api, roles), options, time, logger);
        _aggregation.Watch(roles);
        roles.AddHandler((_, _) =>
        {
            foreach (var whole in roles.List().Where(role => role.AggregationRule is not null))
            {
                _aggregation.Queue.Add(NamespacedName.Of(whole));
            }
        });

        _secrets = new Controller<V1Secret>(new TokenSecrets(api, secrets, accounts, tokens, certificateAuthority), options, time, logger);
        _secrets.Watch(secrets);
        accounts.AddHandler((before, after) =>
        {
            var account = (after ?? before)!;
            foreach (var secret in secrets.List().Where(secret => secret.Metadata.NamespaceProperty == account.Metadata.NamespaceProperty && TokenSecrets.AccountOf(secret) == account.Metadata.Name))
            {
                _secrets.Queue.Add(NamespacedName.Of(secret));
            }
        });

        _work = Task.WhenAll(
            roles.RunAsync(_stop.Token), secrets.RunAsync(_stop.Token), accounts.RunAsync(_stop.Token),
            Task.Run(() => _aggregation.RunAsync(_stop.Token)), Task.Run(() => _secrets.RunAsync(_stop.Token)));
    }

    /// <param name="identity">As whom they speak to the API server.</param>
    /// <param name="tokens">What goes into Secrets that ask for a token.</param>
    /// <param name="certificateAuthority">In PEM; goes with it.</param>
    public static AccessControllers Start(KubernetesConfiguration identity, ServiceAccountTokens tokens, string certificateAuthority, TimeProvider time, ILogger logger) =>
        new(new KubernetesClient(identity, time), tokens, certificateAuthority, time, logger);

    /// <summary>Stops them. Bounded by five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(5)));
        _aggregation.Dispose();
        _secrets.Dispose();
        _api.Dispose();
        _stop.Dispose();
    }
}
