using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Tests.Features.Search;

/// <summary>PackageService's search in upstreams on a loopback address, which answers what a test says. Nothing of its rules is in here.</summary>
internal sealed class UpstreamsOnTheWire : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _asked = new();

    private UpstreamsOnTheWire()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet(PackageRoutes.UpstreamSearch, context =>
        {
            _asked.Enqueue(context.Request.QueryString.Value!);
            return Answer(context);
        });
    }

    public string Address => _app.Urls.Single();

    /// <summary>The queries it was asked, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>How it answers.</summary>
    public RequestDelegate Answer { get; set; } = With(Found([]));

    /// <summary>Nobody has asked, and there is nothing to be found.</summary>
    public void Forget()
    {
        _asked.Clear();
        Answer = With(Found([]));
    }

    public static async Task<UpstreamsOnTheWire> StartAsync()
    {
        var server = new UpstreamsOnTheWire();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Packages of the upstream <c>far</c>.</summary>
    public static UpstreamSearchResponse Found(params IEnumerable<string> names) =>
        new(
            [.. names.Select(static name => new UpstreamSearchResult("far", name, "2.0.0", $"The {name}", null, null, "MIT"))],
            [],
            [new UpstreamSearchQuestion("far", "answered", "fetched", "some found", 12.5)]);

    /// <summary>The same, without what another upstream has.</summary>
    public static UpstreamSearchResponse WithFailure(UpstreamSearchResponse found) =>
        found with
        {
            Failures = [new UpstreamSearchFailure("further", "The registry 'further' did not answer within 700 ms.")],
            Asked = [.. found.Asked!, new UpstreamSearchQuestion("further", "too slow", null, "The registry 'further' did not answer within 700 ms.", 700)],
        };

    public static RequestDelegate With(UpstreamSearchResponse answer) => Text(JsonSerializer.Serialize(answer, RegistryJson.Options));

    public static RequestDelegate Text(string json, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    };

    public static async Task HangAsync(HttpContext context)
    {
        var left = new TaskCompletionSource();
        await using (context.RequestAborted.Register(left.SetResult))
        {
            await left.Task;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
