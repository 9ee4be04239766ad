using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using Registry.SearchService.Index;
using Registry.SearchService.Index.Elasticsearch;
using Registry.Testing.Elasticsearch;

namespace Registry.SearchService.Tests.Index;

public sealed class ElasticsearchIndexTests(ElasticsearchEngine engine) : SearchIndexContract, IClassFixture<ElasticsearchEngine>
{
    internal override ISearchIndex Index
    {
        get
        {
            Assert.SkipUnless(TestElasticsearch.IsThere, TestElasticsearch.Missing);
            return engine.Index;
        }
    }
}

/// <summary>An index under a prefix of its own in the Elasticsearch of the tests.</summary>
public sealed class ElasticsearchEngine : IAsyncLifetime
{
    private ServiceProvider? _services;

    internal ElasticsearchIndex Index { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (TestElasticsearch.IsThere)
        {
            _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
            Index = Open(await TestElasticsearch.UrlAsync(), NewPrefix(), _services.GetRequiredService<IMeterFactory>());
            await Index.CreateAsync(IndexRole.Live, Guid.CreateVersion7(), CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => _services?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static string NewPrefix() => $"t{Guid.CreateVersion7():n}";

    internal static ElasticsearchIndex Open(string url, string prefix, IMeterFactory meters)
    {
#pragma warning disable RS0030 // tests own their clients
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
#pragma warning restore RS0030
        ElasticsearchClient.Configure(http, url, apiKey: null);
        var options = new ElasticsearchOptions { Prefix = prefix, RefreshInterval = TimeSpan.FromMilliseconds(20) };
        return new ElasticsearchIndex(new ElasticsearchClient(http, new SearchMetrics(meters)), Options.Create(options), TimeProvider.System);
    }
}
