using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Entities;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Planning.Rolling;

/// <summary>Why pods are replaced, in a few words for people.</summary>
public static class RollReason
{
    /// <summary>Where the template that a pod was made from is gone.</summary>
    public const string Unknown = "pod template";

    /// <summary>What differs between the template that there is and the one that is wanted.</summary>
    public static string Describe(V1PodTemplateSpec live, V1PodTemplateSpec wanted)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(wanted);
        var before = PodTemplates.RedisOf(live);
        var after = PodTemplates.RedisOf(wanted);
        var reasons = new List<string>();
        if (before?.Image != after?.Image)
        {
            reasons.Add($"image {before?.Image} -> {after?.Image}");
        }

        if (!IsSame(before?.Resources, after?.Resources, KubernetesJson.Default.V1ResourceRequirements))
        {
            reasons.Add("resources");
        }

        var oldLines = FixedConfig.Parse(live);
        var newLines = FixedConfig.Parse(wanted);
        var directives = oldLines.Except(newLines).Concat(newLines.Except(oldLines)).Select(directive => directive.Name).Distinct().ToList();
        if (directives.Count > 0)
        {
            reasons.Add($"configuration ({string.Join(", ", directives)})");
        }

        if (Restart(live) != Restart(wanted))
        {
            reasons.Add("restart as requested");
        }

        return reasons.Count == 0 ? Unknown : string.Join(", ", reasons);
    }

    static string? Restart(V1PodTemplateSpec template) => template.Metadata?.Annotations?.GetValueOrDefault(RedisClusterAnnotations.Restart);

    static bool IsSame<T>(T? one, T? other, JsonTypeInfo<T> type)
        where T : class, new()
    {
        var left = JsonSerializer.SerializeToNode(one ?? new T(), type);
        var right = JsonSerializer.SerializeToNode(other ?? new T(), type);
        return DesiredState.IsSatisfiedBy(left, right) && DesiredState.IsSatisfiedBy(right, left);
    }
}
