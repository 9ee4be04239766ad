using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Search;
using Registry.SearchService.Data;
using Registry.SearchService.Tests.Index;
using Registry.SearchService.Tests.Indexing;
using Registry.Testing;

namespace Registry.SearchService.Tests;

/// <summary>Everything one search service of a test talks to: packages, a database, and an engine under a prefix of its own.</summary>
public sealed class SearchSystem : IAsyncDisposable
{
    private readonly SearchDatabase _database = new();

    private SearchSystem(PackagesOnTheWire packages, string? elasticsearch)
    {
        Packages = packages;
        Elasticsearch = elasticsearch;
    }

    internal PackagesOnTheWire Packages { get; }

    internal string? Elasticsearch { get; set; }

    internal string Prefix { get; } = ElasticsearchEngine.NewPrefix();

    internal IDbContextFactory<SearchDbContext> Contexts => _database.Contexts;

    /// <summary>Starts what there is around the service.</summary>
    /// <param name="elasticsearch">The URL of the engine; null for PostgreSQL.</param>
    public static async Task<SearchSystem> StartAsync(string? elasticsearch)
    {
        var system = new SearchSystem(await PackagesOnTheWire.StartAsync(), elasticsearch);
        await system._database.InitializeAsync();
        return system;
    }

    /// <summary>A process of the service.</summary>
    public Task<ServiceHost> HostAsync(params (string Key, string? Value)[] settings) =>
        ServiceHost.StartAsync(
            ServiceNames.Search,
            SearchServiceApp.Build,
            new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            {
                ["ConnectionStrings:search"] = _database.ConnectionString,
                ["ConnectionStrings:rabbitmq"] = null,
                ["ConnectionStrings:elasticsearch"] = Elasticsearch,
                ["Search:Elasticsearch:Prefix"] = Prefix,
                ["services:packages:http:0"] = Packages.Address,
            });

    /// <summary>Publishes packages.</summary>
    public void Publish(params IEnumerable<string> packages)
    {
        foreach (var package in packages)
        {
            Packages.Change(package, revision => Documents.Of(package, revision: revision));
        }
    }

    /// <summary>How many packages a query finds.</summary>
    public static async Task<long> TotalAsync(ServiceHost host, string text = "")
    {
        using var client = host.ClientFor(Caller.Anonymous, TestKeys.Mount(Dialects.Native));
        using var response = await client.GetAsync($"/api/v1/search?size=0&q={Uri.EscapeDataString(text)}");
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<SearchResponse>())!.Total : -1;
    }

    /// <summary>Waits until a query finds so many.</summary>
    public static async Task FindsAsync(ServiceHost host, long total, string text = "", int withinSeconds = 60)
    {
        var found = 0L;
        await Eventually.ShouldHoldAsync(
            async () => (found = await TotalAsync(host, text)) == total, $"'{text}' finds {total}", withinSeconds, () => $"It finds {found}.");
    }

    /// <summary>What <c>/health</c> says, and its status.</summary>
    public static async Task<(int Status, string Body)> HealthAsync(ServiceHost host)
    {
        using var client = host.ClientForStranger();
        using var response = await client.GetAsync("/health");
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks as an operator.</summary>
    public static async Task<T> AskAsync<T>(ServiceHost host, HttpMethod method, string path)
    {
        using var client = host.ClientForService(ServiceNames.Operator);
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request);
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<T>(ServiceDefaults.RegistryJson.Options))!;
    }

    /// <summary>Waits until a rebuild has ended.</summary>
    public static async Task<RebuildResponse> EndOfRebuildAsync(ServiceHost host)
    {
        RebuildResponse? state = null;
        await Eventually.ShouldHoldAsync(
            async () => !(state = await AskAsync<RebuildResponse>(host, HttpMethod.Get, IndexRoutes.Rebuild)).IsRunning, "the rebuild ended", 90, () => $"{state}");
        return state!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Packages.DisposeAsync();
        await _database.DisposeAsync();
    }
}
