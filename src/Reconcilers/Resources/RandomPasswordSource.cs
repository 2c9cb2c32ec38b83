using System.Security.Cryptography;

namespace Slotwise.Reconcilers.Resources;

/// <summary>Passwords from the system's generator.</summary>
public sealed class RandomPasswordSource : IPasswordSource
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public string Next() => RandomNumberGenerator.GetString(Alphabet, 32);
}
