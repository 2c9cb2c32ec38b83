using System.Buffers.Text;
using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>Tokens of service accounts.</summary>
public sealed class TokenTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    const string Reviews = "/apis/authentication.k8s.io/v1/tokenreviews";

    [Case("operator: in-cluster login")]
    public async Task A_token_logs_its_account_in_with_the_accounts_rights()
    {
        (await Api.PostAsync(Group(Version, "rolebindings"), Binding("view", "ClusterRole", "view", $"{{kind: ServiceAccount, name: default, namespace: {Namespace}}}"))).Expect(201);
        using var account = Api.WithToken(await TokenAsync());
        await AllowedAsync(() => account.GetAsync(Core("pods")));
        (await account.GetAsync("/api/v1/pods")).ExpectRefusal(403, "Forbidden");
    }

    [Case("user: kubectl create token")]
    public async Task Kubectl_creates_a_token()
    {
        var token = (await Cluster.KubectlAsync("create", "token", "default", "-n", Namespace, "--duration", "15m")).Trim();
        var claims = Claims(token);
        Assert.Equal(900, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal($"system:serviceaccount:{Namespace}:default", (string?)(await ReviewAsync(token))["user"]!["username"]);
    }

    [Case("user: tokens read by others")]
    public async Task A_token_says_who_whom_for_and_how_long()
    {
        var account = (await Api.GetAsync(Core("serviceaccounts/default"))).Expect(200);
        var answer = (await RequestAsync("{spec: {audiences: [me], expirationSeconds: 600}}")).Expect(201);
        var claims = Claims((string)answer["status"]!["token"]!);
        Assert.Equal("TokenRequest", (string?)answer["kind"]);
        Assert.Equal($"system:serviceaccount:{Namespace}:default", (string?)claims["sub"]);
        Assert.Equal("me", (string?)Assert.Single(claims["aud"]!.AsArray()));
        Assert.Equal(600, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal((long)claims["iat"]!, (long)claims["nbf"]!);
        var own = claims["kubernetes.io"]!;
        Assert.Equal((Namespace, "default", (string?)account["metadata"]!["uid"]), ((string?)own["namespace"], (string?)own["serviceaccount"]!["name"], (string?)own["serviceaccount"]!["uid"]));
        var documents = (await Api.GetAsync("/.well-known/openid-configuration")).Expect(200);
        Assert.Equal((string?)documents["issuer"], (string?)claims["iss"]);
        Assert.NotEmpty((await Api.GetAsync("/openid/v1/jwks", "application/jwk-set+json")).Expect(200)["keys"]!.AsArray());
    }

    [Case("chart: metrics behind authentication")]
    public async Task A_token_is_good_only_for_those_it_is_meant_for()
    {
        var token = await TokenAsync("{spec: {audiences: [me]}}");
        using (var account = Api.WithToken(token))
        {
            (await account.GetAsync("/version")).ExpectRefusal(401, "Unauthorized");
        }

        var status = await ReviewAsync(token);
        Assert.Null(status["authenticated"]);
        Assert.StartsWith("[invalid bearer token, token audiences [\"me\"] is invalid for the target audiences [", (string?)status["error"], StringComparison.Ordinal);
        status = await ReviewAsync(token, "me", "you");
        Assert.True((bool?)status["authenticated"]);
        Assert.Equal("me", (string?)Assert.Single(status["audiences"]!.AsArray()));
        Assert.Equal("invalid bearer token", (string?)(await ReviewAsync("nonsense"))["error"]);
        Assert.Equal("token is required for TokenReview in authentication", (await Api.PostAsync(Reviews, Manifest.Yaml("{spec: {}}"))).ExpectRefusal(400, "BadRequest").Message);
    }

    [Case("operator: in-cluster login")]
    public async Task A_token_ends_with_its_account()
    {
        (await Api.PostAsync(Core("serviceaccounts"), Manifest.Yaml("{metadata: {name: brief}}"))).Expect(201);
        var token = (string)(await Api.PostAsync(Core("serviceaccounts/brief/token"), Manifest.Yaml("{spec: {}}"))).Expect(201)["status"]!["token"]!;
        using var account = Api.WithToken(token);
        (await account.GetAsync("/version")).Expect(200);
        (await Api.DeleteAsync(Core("serviceaccounts/brief"))).Expect(200);
        (await Api.PostAsync(Core("serviceaccounts"), Manifest.Yaml("{metadata: {name: brief}}"))).Expect(201);
        await UnauthorizedAsync(account);
    }

    [Case("operator: in-cluster login")]
    public async Task A_token_bound_to_a_pod_ends_with_the_pod()
    {
        var pod = Manifest.Pod("bound", "sleep 100");
        pod["spec"]!["nodeName"] = null;
        pod["spec"]!["schedulerName"] = "nobody";
        var made = (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        var token = await TokenAsync("{spec: {expirationSeconds: 3607, boundObjectRef: {apiVersion: v1, kind: Pod, name: bound}}}");
        var claims = Claims(token);
        Assert.Equal(("bound", (string?)made["metadata"]!["uid"]), ((string?)claims["kubernetes.io"]!["pod"]!["name"], (string?)claims["kubernetes.io"]!["pod"]!["uid"]));
        Assert.Equal(3607, (long)claims["kubernetes.io"]!["warnafter"]! - (long)claims["iat"]!);
        var extra = (await ReviewAsync(token))["user"]!["extra"]!;
        Assert.Equal("bound", (string?)extra["authentication.kubernetes.io/pod-name"]![0]);

        using var account = Api.WithToken(token);
        (await account.GetAsync("/version")).Expect(200);
        (await Api.DeleteAsync(Core("pods/bound"), Manifest.Yaml("{gracePeriodSeconds: 0}"))).Expect(200);
        await UnauthorizedAsync(account);
    }

    [Case("user: kubectl create token")]
    public async Task Requests_for_tokens_are_checked()
    {
        var refused = (await RequestAsync("{spec: {expirationSeconds: 300}}")).ExpectRefusal(422, "Invalid");
        Assert.Equal("TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes", refused.Message);
        (await Api.PostAsync(Core("serviceaccounts/nobody/token"), Manifest.Yaml("{spec: {}}"))).ExpectRefusal(404, "NotFound");
        (await RequestAsync("{spec: {boundObjectRef: {apiVersion: v1, kind: Pod, name: nope}}}")).ExpectRefusal(404, "NotFound");
        (await RequestAsync("{spec: {boundObjectRef: {apiVersion: v1, kind: ConfigMap, name: kube-root-ca.crt}}}")).ExpectRefusal(400, "BadRequest");
    }

    [Case("user: long-lived tokens")]
    public async Task A_Secret_of_the_tokens_type_is_filled_and_ends_with_the_account()
    {
        (await Api.PostAsync(Core("serviceaccounts"), Manifest.Yaml("{metadata: {name: old}}"))).Expect(201);
        (await Api.PostAsync(Core("secrets"), Manifest.Yaml("{metadata: {name: old-token, annotations: {kubernetes.io/service-account.name: old}}, type: kubernetes.io/service-account-token}"))).Expect(201);
        var secret = await Api.AwaitAsync(Core("secrets/old-token"), secret => secret["data"]?["token"] is not null, "a token");
        Assert.Equal(Namespace, Text(secret["data"]!["namespace"]));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Text(secret["data"]!["ca.crt"]), StringComparison.Ordinal);
        Assert.NotNull(secret["metadata"]!["annotations"]!["kubernetes.io/service-account.uid"]);
        using (var account = Api.WithToken(Text(secret["data"]!["token"])))
        {
            var me = (await account.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject())).Expect(201);
            Assert.Equal($"system:serviceaccount:{Namespace}:old", (string?)me["status"]!["userInfo"]!["username"]);
        }

        var refused = await Api.PostAsync(Core("secrets"), Manifest.Yaml("{metadata: {name: nobodys}, type: kubernetes.io/service-account-token}"));
        Assert.Equal("Secret \"nobodys\" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value", refused.ExpectRefusal(422, "Invalid").Message);

        (await Api.DeleteAsync(Core("serviceaccounts/old"))).Expect(200);
        await Api.AwaitGoneAsync(Core("secrets/old-token"));
    }

    static string Text(JsonNode? base64) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)base64!));

    static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    Task<ApiAnswer> RequestAsync(string yaml) => Api.PostAsync(Core("serviceaccounts/default/token"), Manifest.Yaml(yaml));

    async Task<string> TokenAsync(string yaml = "{spec: {}}") => (string)(await RequestAsync(yaml)).Expect(201)["status"]!["token"]!;

    async Task<JsonObject> ReviewAsync(string token, params string[] audiences)
    {
        var spec = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]) };
        return (await Api.PostAsync(Reviews, new JsonObject { ["spec"] = spec })).Expect(201)["status"]!.AsObject();
    }

    // A real API server remembers for ten seconds that a token was good.
    static async Task UnauthorizedAsync(ApiClient client)
    {
        var start = TimeProvider.System.GetTimestamp();
        ApiAnswer answer;
        do
        {
            answer = await client.GetAsync("/version");
            await Task.Delay(answer.Status == 401 ? 0 : 200, Cancel);
        }
        while (answer.Status != 401 && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        answer.ExpectRefusal(401, "Unauthorized");
    }
}
