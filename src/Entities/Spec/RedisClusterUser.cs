using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>An ACL user of the servers.</summary>
public sealed record RedisClusterUser
{
    /// <summary>The user's name. Names that begin with slotwise- are the operator's own.</summary>
    [StringLength(63, MinimumLength = 1)]
    [RegularExpression("^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$")]
    public required string Name { get; init; }

    /// <summary>Where the user's passwords are. Each of them is valid, so that a password can be replaced while clients still use the old one.</summary>
    [MaxLength(4)]
    [ListMap("name", "key")]
    public IReadOnlyList<SecretKeyReference> PasswordSecrets { get; init => field = value ?? []; } = [];

    /// <summary>Rules as ACL SETUSER takes them, such as "~orders:* +@read"; without passwords and without on and off.</summary>
    [StringLength(4096)]
    public string Rules { get; init => field = value ?? field; } = "";
}
