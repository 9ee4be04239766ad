using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http.Search;
using Registry.SearchService.Index;
using Registry.Testing;
using Registry.Testing.Elasticsearch;

namespace Registry.SearchService.Tests.Features.Rebuild;

public sealed class PostgresRebuildTests : RebuildContract
{
    protected override Task<string?> EngineAsync() => Task.FromResult<string?>(null);
}

public sealed class ElasticsearchRebuildTests : RebuildContract
{
    protected override async Task<string?> EngineAsync()
    {
        Assert.SkipUnless(TestElasticsearch.IsThere, TestElasticsearch.Missing);
        return await TestElasticsearch.UrlAsync();
    }
}

/// <summary>Rebuilding and verifying, the same for every engine.</summary>
public abstract class RebuildContract
{
    private static readonly IEnumerable<string> Many = Enumerable.Range(0, 1100).Select(number => $"many-{number:0000}");

    protected abstract Task<string?> EngineAsync();

    [Fact]
    public async Task A_rebuild_under_publishing_ends_with_an_equal_index_and_search_answers_meanwhile()
    {
        await using var system = await SearchSystem.StartAsync(await EngineAsync());
        system.Publish(Many);
        await using var host = await system.HostAsync();
        await SearchSystem.FindsAsync(host, 1100);
        var before = await IdentityAsync(host);
        using var publishing = new CancellationTokenSource();
        var published = PublishUntilAsync(system, publishing.Token);

        await SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Post, IndexRoutes.Rebuild);
        var answered = await CountAnswersWhileRunningAsync(host);
        var ended = await SearchSystem.EndOfRebuildAsync(host);
        await publishing.CancelAsync();

        ended.Phase.ShouldBe("done", ended.Message);
        answered.ShouldAllBe(total => total >= 1100);
        (await IdentityAsync(host)).ShouldNotBe(before);
        await SearchSystem.FindsAsync(host, 1100 + await published, withinSeconds: 10);
        (await VerifyAsync(host)).Equal.ShouldBeTrue();
    }

    [Fact]
    public async Task A_rebuild_that_was_cut_off_goes_on_where_it_stopped()
    {
        await using var system = await SearchSystem.StartAsync(await EngineAsync());
        system.Publish(Many);
        int read;
        await using (var host = await system.HostAsync())
        {
            await SearchSystem.FindsAsync(host, 1100);
            await SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Post, IndexRoutes.Rebuild);
            await Eventually.ShouldHoldAsync(
                async () => (await SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Get, IndexRoutes.Rebuild)).Position >= 500, "a page was done");
            read = system.Packages.Read.Count;
        }

        await using var again = await system.HostAsync();
        var ended = await SearchSystem.EndOfRebuildAsync(again);

        ended.Phase.ShouldBe("done", ended.Message);
        (system.Packages.Read.Count - read).ShouldBeLessThanOrEqualTo(1100 - 500 + 100);
        await SearchSystem.FindsAsync(again, 1100, withinSeconds: 5);
    }

    [Fact]
    public async Task Verifying_finds_a_planted_difference_and_a_rebuild_repairs_it()
    {
        await using var system = await SearchSystem.StartAsync(await EngineAsync());
        system.Publish("kept", "newer", "kept");
        await using var host = await system.HostAsync();
        await SearchSystem.FindsAsync(host, 2);
        (await VerifyAsync(host)).ShouldSatisfyAllConditions(found => found.Equal.ShouldBeTrue(), found => found.Packages.ShouldBe(2));
        var index = host.Services.GetRequiredService<ISearchIndex>();
        await index.WriteAsync(IndexRole.Live, [IndexWrite.Put(Documents.Of("ghost", revision: 1))], CancellationToken.None);

        var found = await VerifyAsync(host);
        await SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Post, IndexRoutes.Rebuild);
        await SearchSystem.EndOfRebuildAsync(host);

        found.Equal.ShouldBeFalse();
        found.Differences.ShouldBe([new RevisionDifference("main", "ghost", 1, null)]);
        (await VerifyAsync(host)).Equal.ShouldBeTrue();
        await SearchSystem.FindsAsync(host, 0, "ghost", withinSeconds: 5);
    }

    [Fact]
    public async Task An_index_filled_by_an_earlier_version_is_rebuilt_when_the_service_starts()
    {
        await using var system = await SearchSystem.StartAsync(await EngineAsync());
        system.Publish("kept");
        Guid? before;
        await using (var host = await system.HostAsync())
        {
            await SearchSystem.FindsAsync(host, 1);
            before = await IdentityAsync(host);
        }

        await using (var db = await system.Contexts.CreateDbContextAsync())
        {
            await db.Indexes.ExecuteUpdateAsync(index => index.SetProperty(row => row.Layout, 0));
        }

        await using var later = await system.HostAsync();
        await Eventually.ShouldHoldAsync(async () => await IdentityAsync(later) != before, "another index is in use");
        (await SearchSystem.EndOfRebuildAsync(later)).Phase.ShouldBe("done");
        await SearchSystem.FindsAsync(later, 1, "maintainer:bob");
    }

    [Fact]
    public async Task Two_processes_share_one_index_and_one_position_through_a_rebuild()
    {
        await using var system = await SearchSystem.StartAsync(await EngineAsync());
        system.Publish(Many.Take(100));
        var hosts = await Task.WhenAll(system.HostAsync(), system.HostAsync());
        await using var one = hosts[0];
        await using var other = hosts[1];
        await SearchSystem.FindsAsync(one, 100);
        (await IdentityAsync(one)).ShouldBe(await IdentityAsync(other));

        await Task.WhenAll(hosts.Select(host => SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Post, IndexRoutes.Rebuild)));
        (await SearchSystem.EndOfRebuildAsync(one)).Phase.ShouldBe("done");
        system.Publish("after-a", "after-b");

        await SearchSystem.FindsAsync(other, 102, withinSeconds: 10);
        (await VerifyAsync(other)).Equal.ShouldBeTrue();
    }

    private static Task<VerifyResponse> VerifyAsync(ServiceHost host) => SearchSystem.AskAsync<VerifyResponse>(host, HttpMethod.Post, IndexRoutes.Verify);

    private static Task<Guid?> IdentityAsync(ServiceHost host) =>
        host.Services.GetRequiredService<ISearchIndex>().FindAsync(IndexRole.Live, CancellationToken.None);

    private static async Task<List<long>> CountAnswersWhileRunningAsync(ServiceHost host)
    {
        var answered = new List<long>();
        while ((await SearchSystem.AskAsync<RebuildResponse>(host, HttpMethod.Get, IndexRoutes.Rebuild)).IsRunning && answered.Count < 2000)
        {
            answered.Add(await SearchSystem.TotalAsync(host));
        }

        return answered;
    }

    /// <returns>How many new packages there are.</returns>
    private static async Task<int> PublishUntilAsync(SearchSystem system, CancellationToken cancellationToken)
    {
        for (var number = 0; ; number++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return number;
            }

            system.Publish($"fresh-{number:00000}", $"many-{number % 1100:0000}");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
