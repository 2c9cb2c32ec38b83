using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Apply;

/// <summary>
/// What comparisons with live objects came to. A version of an object never changes, so the same question has the same answer, and a pass over a settled
/// resource need not take everything apart again, which was most of its time. Only the digest of a question is kept, and that as long as the object.
/// </summary>
static class KnownAnswers
{
    static readonly ConditionalWeakTable<object, Answer> Answers = [];

    public static bool Of<T>(T desired, T live, Func<bool> find)
        where T : class, IKubernetesObject<T>
    {
        var question = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(desired, T.JsonTypeInfo));
        if (Answers.TryGetValue(live, out var known) && known.Question.AsSpan().SequenceEqual(question))
        {
            return known.IsYes;
        }

        var answer = new Answer(question, find());
        Answers.AddOrUpdate(live, answer);
        return answer.IsYes;
    }

    sealed record Answer(byte[] Question, bool IsYes);
}
