using Microsoft.Extensions.Logging;

namespace Slotwise.Operator.Hosting;

/// <summary>What a log entry says beside its message.</summary>
static class LogSubject
{
    /// <summary>Such as <c>information</c>: the words that --log-level takes.</summary>
    public static string LevelName(LogLevel level) => level.ToString().ToLowerInvariant();

    /// <summary>The names and values of the scopes around the entry, such as the cluster that a pass is about; of two with one name the inner counts.</summary>
    public static SortedDictionary<string, string> Read(IExternalScopeProvider? scopes)
    {
        var subject = new SortedDictionary<string, string>(StringComparer.Ordinal);
        scopes?.ForEachScope(
            static (scope, subject) =>
            {
                foreach (var (name, value) in scope as IEnumerable<KeyValuePair<string, object>> ?? [])
                {
                    subject[name] = value?.ToString() ?? "";
                }
            },
            subject);
        return subject;
    }
}
