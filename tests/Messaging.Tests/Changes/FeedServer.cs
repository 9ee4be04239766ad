using System.Collections.Concurrent;
using System.Globalization;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.Messaging.Tests.Changes;

/// <summary>A feed of changes on a loopback address, as it looks on the wire, that can be lengthened, replaced and broken.</summary>
internal sealed class FeedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Request> _requests = new();
    private volatile string? _broken;
    private Guid _epoch = Guid.CreateVersion7();
    private long _head;

    private FeedServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet(PackageRoutes.Changes, Answer);
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public IReadOnlyCollection<Request> Requests => _requests;

    public Guid Epoch => _epoch;

    public static async Task<FeedServer> StartAsync(int changes = 0)
    {
        var server = new FeedServer();
        server.Append(changes);
        await server._app.StartAsync();
        return server;
    }

    public void Append(int changes) => Interlocked.Add(ref _head, changes);

    public void Restore(int changes)
    {
        _epoch = Guid.CreateVersion7();
        Interlocked.Exchange(ref _head, changes);
    }

    /// <summary>From now on every answer is this text, or what a status says when the text is a number.</summary>
    public void Break(string answer) => _broken = answer;

    public void Repair() => _broken = null;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private IResult Answer(HttpContext context, long? after, int? limit)
    {
        _requests.Enqueue(new Request(after, context.Request.Headers.TraceParent.ToString()));
        if (_broken is { } broken)
        {
            return int.TryParse(broken, CultureInfo.InvariantCulture, out var status) ? Results.StatusCode(status) : Results.Text(broken, "application/json");
        }

        var head = Interlocked.Read(ref _head);
        var start = after ?? head;
        var count = (int)Math.Clamp(head - start, 0, limit ?? 0);
        var changes = Enumerable.Range(1, count).Select(step => ChangeAt(start + step)).ToList();
        return Results.Json(new ChangesPage(_epoch, start + count, head, changes), RegistryJson.Options);
    }

    private static Change ChangeAt(long position) =>
        new(position, TimeProvider.System.GetUtcNow(), "main", $"package-{position}", PackageChangeKind.Published, "1.0.0");

    internal sealed record Request(long? After, string TraceParent);
}
