using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Slotwise.LocalKubernetes.Nodes.Probes;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

public sealed class GrpcHealthTests
{
    [Theory]
    [InlineData("", true, "service healthy (responded with \"SERVING\")")]
    [InlineData("sick", false, "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData("none", false, "this server does not implement the grpc health protocol (grpc.health.v1.Health): nothing here")]
    public async Task A_server_is_asked_about_a_service(string service, bool success, string output)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        await using var server = builder.Build();
        server.Run(AnswerAsync);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        var answer = await AskGrpcHealth.AskAsync(http, new Uri(server.Urls.First()).Authority, service, TestContext.Current.CancellationToken);

        Assert.Equal(new ProbeAnswer(success, output), answer);
    }

    static async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var service = System.Text.Encoding.UTF8.GetString(body.ToArray().AsSpan(body.Length > 5 ? 7 : 5));
        context.Response.ContentType = "application/grpc";
        if (service == "none")
        {
            context.Response.AppendTrailer("grpc-status", "12");
            context.Response.AppendTrailer("grpc-message", "nothing here");
            return;
        }

        await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, (byte)(service == "sick" ? 2 : 1) });
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
