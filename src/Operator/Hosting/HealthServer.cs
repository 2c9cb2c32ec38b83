using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Slotwise.Operator.CommandLine;

namespace Slotwise.Operator.Hosting;

/// <summary>/healthz and /readyz over HTTP, for the probes of the operator's own pod.</summary>
static class HealthServer
{
    /// <summary>Serves until disposed.</summary>
    /// <exception cref="UserErrorException">The port is taken.</exception>
    public static async Task<IAsyncDisposable> StartAsync(OperatorHealth health, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(port);
        });
        var app = builder.Build();
        app.Run(context => AnswerAsync(context, health));
        try
        {
            await app.StartAsync();
            return app;
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new UserErrorException($"port {port} is taken; give another one with --health-port, or 0 for none", error);
        }
    }

    static Task AnswerAsync(HttpContext context, OperatorHealth health)
    {
        var (isKnown, trouble) = context.Request.Path.Value switch
        {
            "/healthz" => (true, health.Fault),
            "/readyz" => (true, health.NotReady),
            _ => (false, "there is /healthz and /readyz"),
        };
        context.Response.StatusCode = (isKnown, trouble) switch
        {
            (false, _) => StatusCodes.Status404NotFound,
            (_, null) => StatusCodes.Status200OK,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync((trouble ?? "ok") + "\n");
    }
}
