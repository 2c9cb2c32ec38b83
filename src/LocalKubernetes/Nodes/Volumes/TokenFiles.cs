using System.Text;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>The tokens in the volumes of one host's pods: each is kept until it is time for another one.</summary>
sealed class TokenFiles(IPodTokens? tokens, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<(string Uid, V1ServiceAccountTokenProjection Wanted), PodToken> _issued = [];

    /// <exception cref="VolumeException">Nobody makes tokens, or this one is refused.</exception>
    public byte[] Content(V1Pod pod, V1ServiceAccountTokenProjection wanted)
    {
        lock (_gate)
        {
            var key = (pod.Metadata.Uid ?? "", wanted);
            if (!_issued.TryGetValue(key, out var token) || token.RenewAt <= time.GetUtcNow())
            {
                token = Issue(pod, wanted);
                _issued[key] = token;
            }

            return Encoding.UTF8.GetBytes(token.Text);
        }
    }

    /// <summary>Lets go of the tokens of pods that are no longer here.</summary>
    public void Keep(IReadOnlySet<string> uids)
    {
        lock (_gate)
        {
            foreach (var key in _issued.Keys.Where(key => !uids.Contains(key.Uid)).ToList())
            {
                _issued.Remove(key);
            }
        }
    }

    PodToken Issue(V1Pod pod, V1ServiceAccountTokenProjection wanted)
    {
        if (tokens is null)
        {
            throw new VolumeException("nobody here makes tokens of service accounts");
        }

        try
        {
            return tokens.Issue(pod, wanted);
        }
        catch (KubernetesApiException e)
        {
            throw new VolumeException($"failed to fetch token: {e.Message}");
        }
    }
}
