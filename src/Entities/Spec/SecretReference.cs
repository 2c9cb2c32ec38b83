using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>Names a Secret of the same namespace.</summary>
public sealed record SecretReference
{
    /// <summary>The Secret's name.</summary>
    [StringLength(253, MinimumLength = 1)]
    public required string Name { get; init; }
}

/// <summary>Names one value in a Secret of the same namespace.</summary>
public sealed record SecretKeyReference
{
    /// <summary>The Secret's name.</summary>
    [StringLength(253, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>The key in the Secret's data.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string Key { get; init => field = value ?? field; } = "password";
}
