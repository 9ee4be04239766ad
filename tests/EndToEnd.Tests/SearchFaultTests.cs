using Registry.EndToEnd.Tests.Running;
using Registry.Testing.Elasticsearch;

namespace Registry.EndToEnd.Tests;

/// <summary>The search index lost, and built anew, in the middle of publishing.</summary>
[Collection(nameof(OwnRegistries))]
[Trait("Category", "faults")]
public sealed class SearchFaultTests
{
    [Fact]
    public async Task Elasticsearch_killed_and_then_emptied_during_500_publishes_heals_without_a_command()
    {
        Assert.SkipUnless(TestElasticsearch.IsDistribution, TestElasticsearch.Missing);
        await using var elasticsearch = await TestElasticsearch.StartAsync();
        await using var registry = await StartAsync(elasticsearch.Url);
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("searcher", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);

        var load = PublishLoad.Start(registry, client, "healed", 500);
        await load.ReachesAsync(100);
        await elasticsearch.KillAsync();
        await load.ReachesAsync(200);
        await elasticsearch.StartAsync();
        await load.ReachesAsync(300);
        await elasticsearch.KillAsync();
        elasticsearch.DeleteData();
        await elasticsearch.StartAsync();
        await load.Publishing;

        load.Acknowledged.Count.ShouldBe(500, "publishing does not need search");
        await load.ShouldBeWholeAsync(findWithinSeconds: 60);
        await registry.UntilHealthyAsync();
        (await registry.RunAsync("search", "verify")).ShouldSucceed();
        (await PublishLoad.PublishAsync(client, registry, "afterwards", "1.0.0")).ShouldBeTrue();
        await PublishLoad.ShouldBeFoundAsync(client, registry, "afterwards", "1.0.0", withinSeconds: 2);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("elasticsearch")]
    public async Task An_index_that_is_rebuilt_during_500_publishes_is_equal_and_the_old_one_answers_meanwhile(string engine)
    {
        Assert.SkipUnless(engine == "postgres" || TestElasticsearch.IsThere, TestElasticsearch.Missing);
        await using var registry = await StartAsync(engine == "postgres" ? null : await TestElasticsearch.UrlAsync());
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("searcher", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        (await PublishLoad.PublishAsync(client, registry, "constant", "1.0.0")).ShouldBeTrue();
        await PublishLoad.ShouldBeFoundAsync(client, registry, "constant", "1.0.0", withinSeconds: 10);

        var load = PublishLoad.Start(registry, client, "rebuilt", 500);
        await load.ReachesAsync(100);
        var rebuilding = registry.RunAsync("search", "rebuild");
        var asked = 0;
        for (; !rebuilding.IsCompleted; asked++)
        {
            (await PublishLoad.IsFoundAsync(client, registry, "constant", "1.0.0")).ShouldBeTrue("the old index answers");
            await Task.Delay(50);
        }

        var wasPublishing = !load.Publishing.IsCompleted;
        (await rebuilding).ShouldSucceed();
        await load.Publishing;

        wasPublishing.ShouldBeTrue("else nothing was shown");
        asked.ShouldBeGreaterThan(5);
        await load.ShouldBeWholeAsync();
        (await registry.RunAsync("search", "verify")).ShouldSucceed();
    }

    private static Task<RegistryProcess> StartAsync(string? elasticsearch) =>
        RegistryProcess.StartAsync(environment: elasticsearch is null ? null : new Dictionary<string, string>
        {
            ["ConnectionStrings__elasticsearch"] = elasticsearch,
            ["Search__Elasticsearch__Prefix"] = $"faults-{Guid.CreateVersion7():n}",
        });
}
