using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Configuration;
using Slotwise.LocalKubernetes.Api.Faults;
using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.LocalKubernetes.Api.Security.Rbac;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.LocalKubernetes.Controllers;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>Where the server listens and keeps its keys.</summary>
public sealed record ApiServerOptions
{
    /// <summary>0: any free one.</summary>
    public int Port { get; init; } = 6443;

    /// <summary>Addresses beside loopback under which pods reach the server; it listens on these too.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The port at those.</summary>
    public const int PodPort = 6443;

    /// <summary>Where the certificate authority is kept.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Who makes trouble for pods on demand; null where none run.</summary>
    public IPodFaults? Faults { get; init; }

    /// <summary>The same for hosts.</summary>
    public IHostFaults? HostFaults { get; init; }

    /// <summary>Who runs programs in containers; null where none run.</summary>
    public IPodPrograms? Programs { get; init; }
}

/// <summary>A Kubernetes API server over HTTPS, on a store.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    /// <summary>The version of Kubernetes whose behaviour it follows.</summary>
    public const string Version = "v1.32.0-localkube";

    readonly WebApplication _application;
    readonly CancellationTokenSource _stopping;
    readonly TokenKey _key;

    ApiServer(WebApplication application, CancellationTokenSource stopping, CertificateAuthority authority, Authentication authentication, TokenKey key, ServiceAccountTokens tokens, IPodTokens podTokens, Uri address)
    {
        _application = application;
        _stopping = stopping;
        Authority = authority;
        Authentication = authentication;
        _key = key;
        Tokens = tokens;
        PodTokens = podTokens;
        Address = address;
    }

    /// <summary>Where clients on this machine reach it.</summary>
    public Uri Address { get; }

    public CertificateAuthority Authority { get; }

    public Authentication Authentication { get; }

    /// <summary>Who vouches for pods.</summary>
    public IPodTokens PodTokens { get; }

    /// <summary>The tokens of service accounts.</summary>
    public ServiceAccountTokens Tokens { get; }

    /// <exception cref="PortTakenException">Somebody else listens there.</exception>
    public static async Task<ApiServer> StartAsync(Store store, ApiServerOptions options, IPodLogs? logs, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(options.StateDirectory);
        var authority = CertificateAuthority.OpenOrCreate(options.StateDirectory, time);
        var certificate = authority.IssueServer([IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse(KubernetesService.Address), .. options.Addresses]);
        var key = TokenKey.OpenOrCreate(options.StateDirectory);
        var tokens = new ServiceAccountTokens(store, key, time);
        var authentication = new Authentication(tokens);
        BootstrapRoles.Ensure(store);
        var stopping = new CancellationTokenSource();
        var requests = new ApiRequests(store, authentication, new RbacAuthorizer(store), tokens, key, new ApiFaults(store, time), logs, options.Faults, options.HostFaults, options.Programs, time, loggers.CreateLogger<ApiServer>(), stopping.Token);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        // Watches never end by themselves.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options, authority, certificate));
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(requests.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            await application.DisposeAsync();
            throw new PortTakenException(options.Port, e);
        }

        var port = new Uri(application.Urls.First()).Port;
        var (addresses, reached) = options.Addresses.Count > 0 ? (options.Addresses, ApiServerOptions.PodPort) : ([IPAddress.Loopback], port);
        KubernetesService.Ensure(store, addresses, reached);
        return new ApiServer(application, stopping, authority, authentication, key, tokens, new PodTokens(new TokenRequests(store, tokens, time), time), new Uri($"https://127.0.0.1:{port}"));
    }

    /// <summary>Writes a file with which its reader is the administrator.</summary>
    public void WriteKubeconfig(string path)
    {
        using var client = Authority.IssueClient("kubernetes-admin", "system:masters");
        Kubeconfig.Write(path, Address, Authority, client);
    }

    /// <summary>Those of the controllers.</summary>
    public ControllerIdentities Identities => new(
        ConfigurationOf("system:kube-controller-manager", null, "kube-controller-manager"),
        ConfigurationOf("system:kube-scheduler", null, "kube-scheduler"));

    /// <summary>How a part of the cluster itself reaches the server: over HTTPS like anybody else, as a user of its own.</summary>
    /// <param name="user">Such as <c>system:kube-scheduler</c>.</param>
    /// <param name="group">Such as <c>system:nodes</c>; null: none.</param>
    /// <param name="program">The manager of the fields that it writes.</param>
    public KubernetesConfiguration ConfigurationOf(string user, string? group, string program) => new()
    {
        Server = Address,
        CertificateAuthorities = [Authority.Certificate],
        Credentials = new ComponentCredentials(Authority.IssueClient(user, group)),
        Program = program,
        Source = program,
    };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _stopping.Dispose();
        _key.Dispose();
        Authority.Dispose();
    }

    static void Listen(KestrelServerOptions kestrel, ApiServerOptions options, CertificateAuthority authority, X509Certificate2 certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        // A watch may be silent for minutes.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        foreach (var place in (IPEndPoint[])[new(IPAddress.Loopback, options.Port), .. options.Addresses.Select(address => new IPEndPoint(address, ApiServerOptions.PodPort))])
        {
            kestrel.Listen(place, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.ClientCertificateValidation = (client, _, _) => authority.HasIssued(client);
                });
            });
        }
    }
}

/// <summary>The server's port belongs to somebody else.</summary>
public sealed class PortTakenException(int port, Exception? innerException = null)
    : Exception($"port {port} on 127.0.0.1 is taken by another program: choose another one with --port, or 0 for any free one", innerException);
