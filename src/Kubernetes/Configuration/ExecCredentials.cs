namespace Slotwise.Kubernetes.Configuration;

/// <summary>What a plugin printed, until it expires or is refused. However many requests ask at once, the plugin runs once.</summary>
sealed class ExecCredentials(ExecPlugin plugin, TimeProvider time) : ICredentialSource
{
    readonly Lock _lock = new();
    Task<(Credential Credential, DateTimeOffset? Expires)>? _run;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        Task<(Credential Credential, DateTimeOffset? Expires)> run;
        lock (_lock)
        {
            if (_run is null || _run.IsFaulted || (_run.IsCompletedSuccessfully && _run.Result.Expires <= time.GetUtcNow()))
            {
                _run = plugin.RunAsync(time);
            }

            run = _run;
        }

        return (await run.WaitAsync(cancellationToken)).Credential;
    }

    public bool Renew(Credential refused)
    {
        lock (_lock)
        {
            if (_run is { IsCompletedSuccessfully: true } && ReferenceEquals(_run.Result.Credential, refused))
            {
                _run = null;
            }

            return true;
        }
    }
}
