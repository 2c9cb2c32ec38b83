using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Slotwise.LocalKubernetes.Images.Debian;

namespace Slotwise.LocalKubernetes.Tests.Images;

/// <summary>A Debian mirror on loopback that hands on what the machine's own mirror says, until it is told to break. It fetches nothing twice.</summary>
public sealed class TestMirror : IAsyncLifetime
{
    static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(60) };

    readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> _files = new();
    WebApplication? _server;
    string _upstream = "";

    public Uri Address { get; private set; } = null!;

    /// <summary>What happens to a request for a package, the number of which is given: true when it was dealt with.</summary>
    public Func<HttpContext, int, byte[], Task<bool>> Package { get; set; } = Well;

    int _packages;

    public static Task<bool> Well(HttpContext context, int number, byte[] body) => Task.FromResult(false);

    public static async Task<bool> HalfAsync(HttpContext context, int number, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    }

    public async ValueTask InitializeAsync()
    {
        _upstream = (await AptDirectory.FindMirrorAsync(CancellationToken.None)).TrimEnd('/');
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        Address = new Uri(_server.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path + context.Request.QueryString;
        byte[] body;
        try
        {
            body = await _files.GetOrAdd(path, name => new Lazy<Task<byte[]>>(() => Client.GetByteArrayAsync(_upstream + Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)))).Value;
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!path.EndsWith(".deb", StringComparison.Ordinal) || !await Package(context, Interlocked.Increment(ref _packages), body))
        {
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body);
        }
    }
}
