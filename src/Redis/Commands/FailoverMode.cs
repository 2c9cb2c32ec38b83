namespace Slotwise.Redis;

/// <summary>How a replica takes its master's place.</summary>
public enum FailoverMode
{
    /// <summary>With the master's help, without losing a write.</summary>
    Handover,

    /// <summary>Without the master, by the votes of the other masters.</summary>
    Force,

    /// <summary>Without the master and without votes: two masters are possible.</summary>
    Takeover,
}
