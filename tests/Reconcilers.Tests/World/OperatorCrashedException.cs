namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The operator's process ends here.</summary>
sealed class OperatorCrashedException : Exception;
