using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Events;

/// <summary>Tells users, through <c>kubectl describe</c>, what happened to an object.</summary>
public interface IEventRecorder
{
    /// <summary>Best effort: returns at once and never throws. The same thing told again within ten minutes is only counted.</summary>
    /// <param name="regarding">The object that it happened to.</param>
    /// <param name="reason">Why, in one CamelCase word.</param>
    /// <param name="action">What was done, in one CamelCase word.</param>
    /// <param name="note">For people; cut at 1 kB. No secrets.</param>
    void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note);
}

/// <summary>Whether somebody should look.</summary>
public enum EventType
{
    Normal,
    Warning,
}
