using Slotwise.Reconcilers.Resources;

namespace Slotwise.Simulation.Operators;

/// <summary>Passwords that a seed decides.</summary>
sealed class SeededPasswords(Random random) : IPasswordSource
{
    public string Next() => new(random.GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789", 32));
}
