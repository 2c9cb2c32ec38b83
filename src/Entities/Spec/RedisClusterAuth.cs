namespace Slotwise.Entities;

/// <summary>Authentication of the clients that name no user.</summary>
public sealed record RedisClusterAuth
{
    /// <summary>Whether clients must give the password of the user default.</summary>
    public bool Enabled { get; init; }

    /// <summary>Where the password is. Without it one is generated into the Secret NAME-auth, key password.</summary>
    public SecretKeyReference? PasswordSecret { get; init; }
}
