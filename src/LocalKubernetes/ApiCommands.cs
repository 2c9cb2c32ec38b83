using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.LocalKubernetes.Api.Faults;

namespace Slotwise.LocalKubernetes;

/// <summary>What can go wrong with the API server, on demand: <c>localkube api fail</c>, <c>slow</c>, <c>cut</c>, <c>drop</c>, <c>silence</c>, <c>stale</c>, <c>list</c>, <c>mend</c>.</summary>
static class ApiCommands
{
    static readonly Option<string[]> Verbs = new("--verb") { Description = "Only requests with this verb: get, list, watch, create, update, patch, delete. Can be repeated." };

    static readonly Option<string[]> Resources = new("--resource") { Description = "Only requests for this resource: pods, pods/status, redisclusters. Can be repeated." };

    static readonly Option<string[]> Namespaces = new("--namespace", "-n") { Description = "Only requests within this namespace. Can be repeated." };

    static readonly Option<string[]> Users = new("--user") { Description = "Only requests of this user, such as system:serviceaccount:NAMESPACE:NAME. Can be repeated." };

    static readonly Option<double> Share = new("--share") { Description = "The part of these requests that is hit, by chance.", DefaultValueFactory = _ => 1 };

    static readonly Option<int?> Count = new("--count") { Description = "It ends when so many requests were hit." };

    static readonly Option<double> Seconds = new("--for") { Description = "It ends after so many seconds, at most 3600.", DefaultValueFactory = _ => 60 };

    public static Command Create()
    {
        var code = new Option<int>("--code") { Description = "409, 429, 500 or 503.", DefaultValueFactory = _ => 500 };
        var by = new Option<int>("--by") { Description = "Milliseconds.", DefaultValueFactory = _ => 1000 };
        var after = new Option<bool>("--after") { Description = "After the request took effect: the client cannot know that it did." };
        var every = new Option<double>("--every") { Description = "Seconds that a watch lives; 0 breaks all at once.", DefaultValueFactory = _ => 0 };
        var behind = new Option<double>("--behind") { Description = "Seconds.", DefaultValueFactory = _ => 5 };
        var id = new Argument<string?>("ID") { Description = "As `localkube api list` shows it. None: all.", Arity = ArgumentArity.ZeroOrOne };
        var list = new Command("list", "Shows the trouble that goes on.") { FaultCommands.Kubeconfig };
        list.SetAction((parsed, cancellationToken) => SendAsync(parsed, HttpMethod.Get, "", null, cancellationToken));
        var mend = new Command("mend", "Ends trouble.") { id, FaultCommands.Kubeconfig };
        mend.SetAction((parsed, cancellationToken) => SendAsync(parsed, HttpMethod.Delete, parsed.GetValue(id) is { } one ? $"/{one}" : "", null, cancellationToken));
        return new Command("api", "What can go wrong with the API server.")
        {
            Begin("fail", "Requests are answered with an error and not carried out.", [code], parsed => new() { ["code"] = parsed.GetValue(code) }),
            Begin("slow", "Requests are answered late.", [by], parsed => new() { ["milliseconds"] = parsed.GetValue(by) }),
            Begin("cut", "Connections break before a request is carried out, or after.", [after], parsed => new() { ["after"] = parsed.GetValue(after) }),
            Begin("drop", "Watches break.", [every], parsed => new() { ["everySeconds"] = parsed.GetValue(every) }),
            Begin("silence", "Watches stay open and say nothing.", [], _ => []),
            Begin("stale", "The cache that serves watches and reads with resourceVersion=0 falls behind.", [behind], parsed => new() { ["behindSeconds"] = parsed.GetValue(behind) }),
            list,
            mend,
        };
    }

    static Command Begin(string kind, string description, IReadOnlyList<Option> options, Func<ParseResult, JsonObject> fields)
    {
        var command = new Command(kind, description) { Verbs, Resources, Namespaces, Users, Share, Count, Seconds, FaultCommands.Kubeconfig };
        FaultCommands.Add(command, options);
        command.SetAction((parsed, cancellationToken) =>
        {
            var fault = fields(parsed);
            fault["kind"] = kind;
            fault["verbs"] = List(parsed.GetValue(Verbs));
            fault["resources"] = List(parsed.GetValue(Resources));
            fault["namespaces"] = List(parsed.GetValue(Namespaces));
            fault["users"] = List(parsed.GetValue(Users));
            fault["share"] = parsed.GetValue(Share);
            fault["seconds"] = parsed.GetValue(Seconds);
            if (parsed.GetValue(Count) is { } count)
            {
                fault["count"] = count;
            }

            return SendAsync(parsed, HttpMethod.Post, "", fault, cancellationToken);
        });
        return command;
    }

    static JsonArray List(string[]? values) => [.. (values ?? []).Select(value => JsonValue.Create(value))];

    static async Task<int> SendAsync(ParseResult parsed, HttpMethod method, string rest, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            var configuration = KubernetesConfiguration.Load(FaultCommands.KubeconfigOf(parsed), null, TimeProvider.System);
            var credential = await configuration.Credentials.GetAsync(cancellationToken);
            using var http = new HttpClient(ServerConnection.CreateHandler(configuration, credential.Certificate)) { Timeout = TimeSpan.FromSeconds(30) };
            using var request = new HttpRequestMessage(method, new Uri(configuration.Server.AbsoluteUri.TrimEnd('/') + FaultDocuments.Path + rest));
            if (credential.Authorization is { } authorization)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                await Console.Error.WriteLineAsync($"localkube: {(string?)JsonNode.Parse(text)?["message"] ?? text}");
                return 1;
            }

            Console.WriteLine(text);
            return 0;
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesConfigurationException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"localkube: {e.Message}");
            return 1;
        }
    }
}
