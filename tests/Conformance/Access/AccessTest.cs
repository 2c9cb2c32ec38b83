using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Users are named after the case's namespace; what they get is awaited, because a real API server learns of roles by watching.</summary>
public abstract class AccessTest(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    protected const string Version = "rbac.authorization.k8s.io/v1";
    protected const string Rbac = $"/apis/{Version}";

    static readonly TimeSpan LearnsWithin = TimeSpan.FromSeconds(30);

    protected static JsonObject Binding(string name, string kind, string role, string subject) =>
        Manifest.Yaml($"{{metadata: {{name: {name}}}, roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: \"{role}\"}}, subjects: [{subject}]}}");

    /// <summary>A Role with one rule in the case's namespace, bound to the user NAMESPACE-NAME.</summary>
    protected async Task GrantAsync(string name, params IEnumerable<string> rules)
    {
        (await Api.PostAsync(Group(Version, "roles"), Manifest.Yaml($"{{metadata: {{name: {name}}}, rules: [{string.Join(", ", rules)}]}}"))).Expect(201);
        await BindAsync(name, "Role", name, Namespace);
    }

    /// <summary>Binds a role in a namespace to the user NAMESPACE-NAME.</summary>
    protected async Task BindAsync(string name, string kind, string role, string ns, bool wait = true)
    {
        var binding = Binding(name, kind, role, $"{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {Namespace}-{name}}}");
        (await Api.PostAsync($"{Rbac}/namespaces/{ns}/rolebindings", binding)).Expect(201);
        if (wait)
        {
            await HasRulesAsync($"{Namespace}-{name}", ns);
        }
    }

    /// <summary>Waits until an answer is no refusal.</summary>
    protected static async Task<ApiAnswer> AllowedAsync(Func<Task<ApiAnswer>> ask, int status = 200)
    {
        var answer = await UntilAsync(ask, answer => answer.Status != 403);
        answer.Expect(status);
        return answer;
    }

    /// <summary>Waits until an answer is a refusal.</summary>
    protected static async Task<ApiAnswer> RefusedAsync(Func<Task<ApiAnswer>> ask, Func<string, bool>? until = null) =>
        (await UntilAsync(ask, answer => answer.Status == 403 && until?.Invoke(answer.Message) != false)).ExpectRefusal(403, "Forbidden");

    protected static void Refused(ApiAnswer answer, string message)
    {
        answer.ExpectRefusal(403, "Forbidden");
        Assert.Equal(message, answer.Message);
    }

    async Task HasRulesAsync(string user, string ns)
    {
        var before = await CountAsync("system:anonymous");
        await UntilAsync(() => ReviewAsync(user), answer => Count(answer) > before);

        async Task<int> CountAsync(string somebody) => Count(await ReviewAsync(somebody));

        Task<ApiAnswer> ReviewAsync(string somebody) => Api.As(somebody, "system:authenticated")
            .PostAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", new JsonObject { ["spec"] = new JsonObject { ["namespace"] = ns } });

        static int Count(ApiAnswer answer) => answer.Expect(201)["status"]!["resourceRules"]!.AsArray().Count;
    }

    static async Task<ApiAnswer> UntilAsync(Func<Task<ApiAnswer>> ask, Func<ApiAnswer, bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (condition(answer) || TimeProvider.System.GetElapsedTime(start) > LearnsWithin)
            {
                return answer;
            }

            await Task.Delay(50, Cancel);
        }
    }
}
