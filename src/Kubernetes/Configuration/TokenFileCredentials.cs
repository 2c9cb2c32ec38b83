using System.Security.Cryptography.X509Certificates;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>A token that the kubelet replaces in its file before it expires: read again every minute, and at once after a refusal.</summary>
sealed class TokenFileCredentials(string path, X509Certificate2? certificate, TimeProvider time) : ICredentialSource
{
    static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    Credential? _current;
    long _readAt;

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_current is null || time.GetElapsedTime(_readAt) >= ReadAgainAfter)
            {
                _current = Read(_current);
                _readAt = time.GetTimestamp();
            }

            return ValueTask.FromResult(_current);
        }
    }

    public bool Renew(Credential refused)
    {
        ArgumentNullException.ThrowIfNull(refused);
        lock (_lock)
        {
            if (ReferenceEquals(_current, refused))
            {
                _current = null;
            }

            return true;
        }
    }

    /// <summary>A file that cannot be read for a moment, while it is being replaced, does not lose the token that still holds.</summary>
    Credential Read(Credential? last)
    {
        try
        {
            var token = File.ReadAllText(path).Trim();
            if (token.Length > 0)
            {
                return new Credential($"Bearer {token}", certificate);
            }

            return last ?? throw new KubernetesConfigurationException($"token file {path} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return last ?? throw new KubernetesConfigurationException($"token file {path} cannot be read: {exception.Message}", exception);
        }
    }
}
