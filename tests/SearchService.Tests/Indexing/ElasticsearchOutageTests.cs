using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.SearchService.Index;
using Registry.Testing;
using Registry.Testing.Elasticsearch;

namespace Registry.SearchService.Tests.Indexing;

/// <summary>What search does when a real Elasticsearch goes away, comes back, or comes back empty. Each test has a server of its own.</summary>
public sealed class ElasticsearchOutageTests
{
    [Fact]
    public async Task Search_heals_after_the_engine_was_killed_and_after_it_lost_its_data()
    {
        Assert.SkipUnless(TestElasticsearch.IsDistribution, TestElasticsearch.Missing);
        await using var server = await TestElasticsearch.StartAsync();
        await using var system = await SearchSystem.StartAsync(server.Url);
        system.Publish(Enumerable.Range(0, 700).Select(number => $"kept-{number:000}"));
        await using var host = await system.HostAsync();
        await using var other = await system.HostAsync();
        await SearchSystem.FindsAsync(host, 700);

        await server.KillAsync();
        await Eventually.ShouldHoldAsync(async () => (await SearchSystem.HealthAsync(host)).Status == 503, "health says failed");
        (await SearchSystem.HealthAsync(host)).Body.ShouldContain("Elasticsearch does not answer at");
        (await SearchSystem.TotalAsync(host)).ShouldBe(-1);
        system.Publish("published-meanwhile");
        var read = system.Packages.Read.Count;
        await server.StartAsync();
        await SearchSystem.FindsAsync(host, 701);
        (system.Packages.Read.Count - read).ShouldBeLessThan(100); // nothing but what was missing

        await server.KillAsync();
        server.DeleteData();
        await server.StartAsync();
        await SearchSystem.FindsAsync(host, 701);
        await SearchSystem.FindsAsync(other, 701);
        await Eventually.ShouldHoldAsync(async () => (await SearchSystem.HealthAsync(host)).Body.Contains("\"status\":\"ok\"", StringComparison.Ordinal), "health says ok");
    }

    [Fact]
    public async Task Published_packages_are_found_soon_without_a_broker()
    {
        Assert.SkipUnless(TestElasticsearch.IsThere, TestElasticsearch.Missing);
        await using var system = await SearchSystem.StartAsync(await TestElasticsearch.UrlAsync());
        await using var host = await system.HostAsync();
        system.Publish("first");
        await SearchSystem.FindsAsync(host, 1);

        foreach (var number in Enumerable.Range(2, 5))
        {
            system.Publish($"left-pad-{number}");
            await SearchSystem.FindsAsync(host, number, withinSeconds: 15);
        }
    }

    [Fact]
    public async Task A_deleted_index_is_made_anew_once_by_two_processes_and_filled()
    {
        Assert.SkipUnless(TestElasticsearch.IsThere, TestElasticsearch.Missing);
        await using var system = await SearchSystem.StartAsync(await TestElasticsearch.UrlAsync());
        system.Publish(Enumerable.Range(0, 300).Select(number => $"kept-{number:000}"));
        var hosts = await Task.WhenAll(system.HostAsync(), system.HostAsync());
        await using var one = hosts[0];
        await using var other = hosts[1];
        await SearchSystem.FindsAsync(one, 300);
        var index = one.Services.GetRequiredService<ISearchIndex>();
        var before = await index.FindAsync(IndexRole.Live, CancellationToken.None);

        await DeleteAsync($"{system.Elasticsearch}/{system.Prefix}-packages-000001");

        await SearchSystem.FindsAsync(other, 300);
        await SearchSystem.FindsAsync(one, 300);
        (await index.FindAsync(IndexRole.Live, CancellationToken.None)).ShouldNotBe(before);
        await using var db = await system.Contexts.CreateDbContextAsync();
        (await db.Indexes.CountAsync(known => known.Engine == Engines.Elasticsearch)).ShouldBe(1);
        system.Publish("one-more");
        await SearchSystem.FindsAsync(one, 301);
    }

    [Fact]
    public async Task An_index_of_another_search_database_is_neither_used_nor_touched()
    {
        Assert.SkipUnless(TestElasticsearch.IsThere, TestElasticsearch.Missing);
        await using var system = await SearchSystem.StartAsync(await TestElasticsearch.UrlAsync());
        system.Publish("mine");
        await using var host = await system.HostAsync();
        await SearchSystem.FindsAsync(host, 1);
        var (index, foreign) = (host.Services.GetRequiredService<ISearchIndex>(), Guid.CreateVersion7());

        await index.CreateAsync(IndexRole.Live, foreign, CancellationToken.None); // as another registry with this prefix would

        await Eventually.ShouldHoldAsync(async () => (await SearchSystem.HealthAsync(host)).Status == 503, "health says failed");
        (await SearchSystem.HealthAsync(host)).Body.ShouldContain("belongs to another search database");
        (await index.FindAsync(IndexRole.Live, CancellationToken.None)).ShouldBe(foreign);
    }

    private static async Task DeleteAsync(string url)
    {
#pragma warning disable RS0030 // tests own their clients
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
#pragma warning restore RS0030
        using var response = await http.DeleteAsync(new Uri(url));
        response.EnsureSuccessStatusCode();
    }
}
