using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>Encryption between servers and with clients. Exactly one of secretName and certManager is set.</summary>
public sealed record RedisClusterTls
{
    /// <summary>A Secret of type kubernetes.io/tls with tls.crt, tls.key and ca.crt; its renewal is taken up live.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? SecretName { get; init; }

    /// <summary>The issuer that cert-manager shall have sign the certificate.</summary>
    public CertManagerIssuer? CertManager { get; init; }

    /// <summary>Whether clients must use TLS, or may also connect in the clear, as while they are moved over.</summary>
    public TlsMode Mode { get; init; }

    /// <summary>Whether clients must present a certificate, may do so, or are not asked for one.</summary>
    public ClientCertificates ClientCertificates { get; init; }
}

/// <summary>Names an issuer of cert-manager.</summary>
public sealed record CertManagerIssuer
{
    /// <summary>The issuer's name.</summary>
    [StringLength(253, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>An Issuer of the namespace, or a ClusterIssuer.</summary>
    public IssuerKind Kind { get; init; }
}

/// <summary>The kinds of issuer that cert-manager knows.</summary>
public enum IssuerKind
{
    Issuer,
    ClusterIssuer,
}

/// <summary>Whether connections in the clear are accepted.</summary>
public enum TlsMode
{
    Required,
    Optional,
}

/// <summary>Whether clients are asked for a certificate.</summary>
public enum ClientCertificates
{
    None,
    Optional,
    Required,
}
