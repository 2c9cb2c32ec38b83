namespace Slotwise.Operator.CommandLine;

/// <summary>Something the user can mend. The message is one line that names what is wrong and the remedy.</summary>
sealed class UserErrorException(string message, Exception? innerException = null) : Exception(message, innerException);
