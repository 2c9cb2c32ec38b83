namespace Slotwise.Redis;

/// <summary>A user of the server's access control list and its password.</summary>
public sealed record RedisCredentials(string User, string Password)
{
    /// <summary>The user only: the password is never printed.</summary>
    public override string ToString() => $"user {User}";
}
