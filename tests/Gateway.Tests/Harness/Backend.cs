using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

using Registry.Contracts.Http;

namespace Registry.Gateway.Tests.Harness;

/// <summary>A peer at wire level: records what arrives, byte for byte, and answers as the test says.</summary>
public sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private Socket? _kept;

    private Backend(WebApplication app, string name)
    {
        _app = app;
        Name = name;
    }

    public string Name { get; }

    public Uri Address { get; private set; } = null!;

    /// <summary>Answers requests that are not health.</summary>
    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsync("ok");

    /// <summary>The word of <c>/health</c>.</summary>
    public string Health { get; set; } = "ok";

    /// <summary>What arrived, without the Gateway's own questions (health, changes).</summary>
    public IReadOnlyList<Received> Requests => [.. _received];

    public static async Task<Backend> StartAsync(string name, Func<HttpContext, Task<bool>>? ownQuestions = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = name });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        var backend = new Backend(app, name);
        app.Run(async context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (target == "/health" && !context.Request.Headers.ContainsKey(InternalHeaders.Assertion))
            {
                await context.Response.WriteAsync($$"""{"status":"{{backend.Health}}"}""");
            }
            else if (ownQuestions is null || !await ownQuestions(context))
            {
                var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.OrdinalIgnoreCase);
                backend._received.Enqueue(new Received(context.Request.Method, target, headers));
                await backend.Answer(context);
            }
        });
        await app.StartAsync();
        backend.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return backend;
    }

    /// <summary>Ends and keeps its port, so that nobody listens there: another test's server would answer in its place.</summary>
    public async Task LeaveAsync()
    {
        await StopAsync();
        _kept = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _kept.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _kept.Bind(new IPEndPoint(IPAddress.Loopback, Address.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _kept?.Dispose();
    }

    private async Task StopAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>A request as it arrived.</summary>
public sealed record Received(string Method, string Target, IReadOnlyDictionary<string, StringValues> Headers)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
