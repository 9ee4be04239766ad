using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Hooks;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Hooks;

/// <summary>Tests that share <see cref="HookSystem"/>.</summary>
[CollectionDefinition(nameof(HookSystem))]
public sealed class SharedHookSystem : ICollectionFixture<HookSystem>;

/// <summary>A PackageService on a database of its own, since all on one database share the deliveries, which may go to 127.0.0.2 and no other address of this machine.</summary>
public sealed class HookSystem(PackageSystem system) : IAsyncLifetime
{
    private TestDatabase? _database;

    internal const int MaxPerAccount = 5;

    internal ServiceHost Host { get; private set; } = null!;

    /// <summary>The registry around it, with its accounts.</summary>
    internal PackageSystem Around => system;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await PackageServiceApp.MigrateAsync([], new Dictionary<string, string?> { ["ConnectionStrings:packages"] = _database.ConnectionString });
        Host = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _database!.DisposeAsync();
    }

    internal Task<ServiceHost> StartAsync() => system.StartAsync(
        ("ConnectionStrings:packages", _database!.ConnectionString),
        ("Hooks:AllowedNetworks:0", "127.0.0.2"),
        ("Hooks:MaxPerAccount", $"{MaxPerAccount}"));

    internal HttpClient Npm(Caller? caller = null) => Host.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm));

    internal Task<Caller> NewUserAsync() => system.NewUserAsync();

    internal async Task PublishAsync(Caller caller, string name, string version = "1.0.0", RequestedAccess access = RequestedAccess.Public) =>
        (await system.PublishAsync(PackageSystem.Command(name, version) with { Access = access }, caller, host: Host)).ShouldBeOfType<PublishOutcome.Published>();

    /// <summary>A hook that was made.</summary>
    internal async Task<string> HookAsync(Caller caller, string type, string name, Uri endpoint)
    {
        using var client = Npm(caller);
        using var answer = await client.PostAsJsonAsync("/-/npm/v1/hooks/hook", new { type, name, endpoint = endpoint.ToString(), secret = "s3cret" });
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Created);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<string>();
    }

    /// <summary>The log of a hook.</summary>
    internal async Task<List<JsonNode>> DeliveriesAsync(Caller caller, string id)
    {
        using var client = Host.ClientFor(caller, TestKeys.Mount(Contracts.Http.Dialects.Native));
        return [.. (await client.GetFromJsonAsync<JsonObject>($"/api/v1/hooks/{id}/deliveries"))!["deliveries"]!.AsArray().Select(static one => one!)];
    }

    /// <summary>Has the worker look at once, until a hook's newest delivery is as said.</summary>
    internal async Task UntilAsync(Caller caller, string id, Func<JsonNode, bool> isSo)
    {
        var worker = Host.Services.GetServices<IHostedService>().OfType<HookWorker>().Single();
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                await worker.StepAsync(default);
                return (await DeliveriesAsync(caller, id)).FirstOrDefault() is { } newest && isSo(newest);
            },
            "the newest delivery is as said");
    }

    internal async Task<T> WithDatabaseAsync<T>(Func<PackageDbContext, Task<T>> read)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<PackageDbContext>());
    }
}

/// <summary>An endpoint of hooks on 127.0.0.2.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HookReceiver(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    public Func<HttpContext, int> Status { get; set; } = static _ => 200;

    public ConcurrentQueue<(string Path, string? Signature, byte[] Body)> Received { get; } = new();

    public static async Task<HookReceiver> StartAsync(string address = "127.0.0.2")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls($"http://{address}:0");
        var receiver = new HookReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        receiver.Url = new Uri($"{receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/told");
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.StatusCode = Status(context);
        Received.Enqueue((context.Request.Path, context.Request.Headers["x-npm-signature"], body.ToArray()));
    }
}
