using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.LeaderElection;

/// <summary>
/// Lets one process of several lead. Whether a lease has run out is judged by how long ago this process saw it change, on its own
/// monotonic clock: wall clocks of others are never believed. It is not fencing: two processes can believe to lead for moments.
/// (client-go's leaderelection.)
/// </summary>
public sealed partial class LeaderElector
{
    static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    readonly IKubernetesApi _api;
    readonly LeaderElectionOptions _options;
    readonly TimeProvider _time;
    readonly Random _random;
    readonly ILogger _logger;
    V1Lease? _observed;
    long _observedAt;
    volatile bool _isLeader;

    /// <exception cref="ArgumentException">The options would allow two leaders, or none.</exception>
    public LeaderElector(IKubernetesApi api, LeaderElectionOptions options, TimeProvider time, Random random, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _api = api;
        _options = options;
        _time = time;
        _random = random;
        _logger = logger;
    }

    public bool IsLeader => _isLeader;

    /// <summary>Who held the lease when it was last looked at; null: nobody known.</summary>
    public string? Holder => _observed?.Spec?.HolderIdentity is { Length: > 0 } holder ? holder : null;

    /// <summary>
    /// Waits for leadership, then leads. When cancelled it lets <paramref name="lead"/> finish, keeping the lease meanwhile, and then gives
    /// the lease back so that the next one need not wait.
    /// </summary>
    /// <param name="lead">Its token is cancelled on shutdown and on loss.</param>
    /// <exception cref="LeadershipLostException">The lease was lost; <paramref name="lead"/> is not waited for.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        long renewedAt;
        try
        {
            renewedAt = await AcquireAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        LogLeading(_logger, _options.Identity, _options.Namespace, _options.Name);
        _isLeader = true;
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var renewing = new CancellationTokenSource();
        var renewal = RenewAsync(renewedAt, renewing.Token);
        var work = lead(leading.Token);
        await Task.WhenAny(work, renewal);
        _isLeader = false;
        if (!work.IsCompleted)
        {
            leading.Cancel();
            throw new LeadershipLostException(await renewal);
        }

        renewing.Cancel();
        await renewal;
        await ReleaseAsync();
        await work;
    }

    /// <returns>When the lease became ours, at the latest.</returns>
    async Task<long> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var tried = _time.GetTimestamp();
            try
            {
                using var timeout = new CancellationTokenSource(_options.RenewDeadline, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
                if (await TryTakeAsync(either.Token))
                {
                    return tried;
                }
            }
            catch (Exception exception) when (IsPassing(exception, cancellationToken))
            {
                LogTrouble(_logger, _options.Namespace, _options.Name, exception.Message);
            }

            await Task.Delay(_options.RetryPeriod * (1 + (_random.NextDouble() * LeaderElectionOptions.JitterFactor)), _time, cancellationToken);
        }
    }

    /// <returns>Why the lease is lost; or anything, once cancelled.</returns>
    async Task<string> RenewAsync(long renewedAt, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var left = _options.RenewDeadline - _time.GetElapsedTime(renewedAt);
                if (left <= TimeSpan.Zero)
                {
                    return $"lease {_options.Namespace}/{_options.Name} could not be renewed for {_options.RenewDeadline.TotalSeconds} s";
                }

                await Task.Delay(left < _options.RetryPeriod ? left : _options.RetryPeriod, _time, cancellationToken);
                left = _options.RenewDeadline - _time.GetElapsedTime(renewedAt);
                using var timeout = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
                var tried = _time.GetTimestamp(); // others count from when they see it, which is later
                if (await TryTakeAsync(either.Token))
                {
                    renewedAt = tried;
                }
                else if (Holder is { } holder && holder != _options.Identity)
                {
                    return $"lease {_options.Namespace}/{_options.Name} is held by {holder}";
                }
            }
            catch (Exception exception) when (IsPassing(exception, cancellationToken))
            {
                LogTrouble(_logger, _options.Namespace, _options.Name, exception.Message);
            }
            catch (OperationCanceledException)
            {
                return "stopped";
            }
        }
    }

    /// <summary>Takes the lease if it is free, ours or run out. A leader writes over what it wrote last without reading it first.</summary>
    async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var lease = _isLeader ? _observed : null;
        try
        {
            if (lease is null)
            {
                lease = await ReadAsync(cancellationToken);
                if (lease is null)
                {
                    Observe(await _api.CreateAsync(Mine(null), cancellationToken));
                    return true;
                }

                Observe(lease);
            }

            if (IsHeldByAnother(lease.Spec))
            {
                return false;
            }

            Observe(await _api.ReplaceLeaseAsync(Mine(lease), cancellationToken));
            return true;
        }
        catch (KubernetesApiException refusal) when (refusal.IsConflict || refusal.IsAlreadyExists || refusal.IsNotFound)
        {
            // somebody else was faster, or our own write got through though its answer did not
            if (await ReadAsync(cancellationToken) is { } now)
            {
                Observe(now);
            }
            else
            {
                _observed = null;
            }

            return false;
        }
    }

    async Task<V1Lease?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _api.GetAsync<V1Lease>(_options.Namespace, _options.Name, cancellationToken);
        }
        catch (KubernetesApiException refusal) when (refusal.IsNotFound)
        {
            return null;
        }
    }

    void Observe(V1Lease lease)
    {
        if (_observed is null || _observed.Spec != lease.Spec)
        {
            _observedAt = _time.GetTimestamp();
        }

        _observed = lease;
    }

    bool IsHeldByAnother(V1LeaseSpec? spec)
    {
        if (spec is null || string.IsNullOrEmpty(spec.HolderIdentity) || spec.HolderIdentity == _options.Identity)
        {
            return false;
        }

        var duration = spec.LeaseDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _options.LeaseDuration;
        return _time.GetElapsedTime(_observedAt) < duration;
    }

    V1Lease Mine(V1Lease? before)
    {
        var now = _time.GetUtcNow();
        var kept = before?.Spec?.HolderIdentity == _options.Identity;
        return (before ?? new V1Lease { Metadata = new V1ObjectMeta { Name = _options.Name, NamespaceProperty = _options.Namespace } }) with
        {
            Spec = new V1LeaseSpec
            {
                HolderIdentity = _options.Identity,
                LeaseDurationSeconds = (int)Math.Ceiling(_options.LeaseDuration.TotalSeconds),
                AcquireTime = kept ? before!.Spec!.AcquireTime : now,
                RenewTime = now,
                LeaseTransitions = before is null ? 0 : (before.Spec?.LeaseTransitions ?? 0) + (kept ? 0 : 1),
            },
        };
    }

    /// <summary>Hands the lease over at once. If that fails it runs out by itself.</summary>
    async Task ReleaseAsync()
    {
        if (_observed?.Spec is not { } spec || spec.HolderIdentity != _options.Identity)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(ReleaseTimeout, _time);
        try
        {
            var free = _observed with { Spec = spec with { HolderIdentity = "", LeaseDurationSeconds = 1, RenewTime = _time.GetUtcNow() } };
            await _api.ReplaceLeaseAsync(free, timeout.Token);
            LogReleased(_logger, _options.Namespace, _options.Name);
        }
        catch (Exception exception) when (IsPassing(exception, CancellationToken.None))
        {
            LogTrouble(_logger, _options.Namespace, _options.Name, exception.Message);
        }
    }

    static bool IsPassing(Exception exception, CancellationToken cancellationToken) =>
        exception is KubernetesApiException or KubernetesUnreachableException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads: it holds lease {Namespace}/{Name}")]
    static partial void LogLeading(ILogger logger, string identity, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Gave lease {Namespace}/{Name} back")]
    static partial void LogReleased(ILogger logger, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lease {Namespace}/{Name}: {Reason}; will try again")]
    static partial void LogTrouble(ILogger logger, string @namespace, string name, string reason);
}
