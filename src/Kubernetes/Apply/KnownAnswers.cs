using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Slotwise.Kubernetes.Apply;

/// <summary>
/// What comparisons of one kind with live objects came to. A version of an object never changes, so the same question has the same answer, and a pass over a settled
/// resource need not take everything apart again, which was most of its time. The question is kept as long as the object.
/// </summary>
sealed class KnownAnswers
{
    readonly ConditionalWeakTable<object, Answer> _answers = [];

    /// <param name="desired">What the live one is compared with; it is not changed afterwards.</param>
    /// <param name="live">An object, or a part of one; nothing of it ever changes.</param>
    /// <param name="type">How both are written.</param>
    /// <param name="find">Finds the answer where it is not known.</param>
    public bool Of<T>(T desired, T live, JsonTypeInfo<T> type, Func<bool> find)
        where T : class
    {
        if (_answers.TryGetValue(live, out var known) && ReferenceEquals(known.Desired, desired))
        {
            return known.IsYes;
        }

        var question = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(desired, type));
        var answer = new Answer(desired, question, known?.Question.AsSpan().SequenceEqual(question) == true ? known.IsYes : find());
        _answers.AddOrUpdate(live, answer);
        return answer.IsYes;
    }

    /// <param name="Desired">What was asked with, which never changes either: the same object is the same question.</param>
    /// <param name="Question">Its digest.</param>
    /// <param name="IsYes">The answer.</param>
    sealed record Answer(object Desired, byte[] Question, bool IsYes);
}
