using System.Diagnostics.Metrics;

using Registry.Testing;
using Registry.Testing.Elasticsearch;

namespace Registry.SearchService.Tests.Indexing;

/// <summary>A company's Elasticsearch: behind https, with a certificate of its own authority, and never with much room to spare.</summary>
public sealed class ElasticsearchSecurityTests(ElasticsearchSecurityTests.Secured secured) : IClassFixture<ElasticsearchSecurityTests.Secured>
{
    private readonly (string, string?) _trusted = ("Tls:CaFile", secured.CaFile);

    [Fact]
    public async Task Https_with_a_private_authority_needs_its_file_and_a_wrong_API_key_is_refused()
    {
        await using var system = await SearchSystem.StartAsync(secured.UrlWith(Secured.Password));
        system.Publish("guarded");

        await using (var mistrusting = await system.HostAsync())
        {
            await FailsAsync(mistrusting, "does not answer");
        }

        await using (var wrongKey = await system.HostAsync(_trusted, ("Search:Elasticsearch:ApiKey", Convert.ToBase64String("no:key"u8))))
        {
            await FailsAsync(wrongKey, "refuses the credentials"); // the key wins over the password in the URL
        }

        await using var host = await system.HostAsync(_trusted);
        await SearchSystem.FindsAsync(host, 1);
    }

    [Fact]
    public async Task A_wrong_password_fails_health_with_a_sentence_and_the_right_one_heals()
    {
        await using var system = await SearchSystem.StartAsync(secured.UrlWith("wrong"));
        system.Publish("guarded");
        await using (var host = await system.HostAsync(_trusted))
        {
            (await FailsAsync(host, "refuses the credentials")).ShouldNotContain("wrong");
        }

        system.Elasticsearch = secured.UrlWith(Secured.Password);
        await using var again = await system.HostAsync(_trusted);
        await SearchSystem.FindsAsync(again, 1);
    }

    [Fact]
    public async Task An_engine_too_busy_for_a_page_gets_it_again_until_all_of_it_is_in()
    {
        await using var system = await SearchSystem.StartAsync(secured.UrlWith(Secured.Password));
        var text = string.Join(' ', Enumerable.Range(0, 300).Select(number => $"word{number}"));
        foreach (var number in Enumerable.Range(0, 300))
        {
            system.Packages.Change($"busy-{number:000}", revision => Documents.Of($"busy-{number:000}", text, revision: revision));
        }

        var busy = 0;
        using var listener = new MeterListener { InstrumentPublished = static (instrument, self) => Listen(instrument, self) };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Interlocked.Add(ref busy, tags.ToArray().Any(tag => tag.Value is "busy") ? 1 : 0));
        listener.Start();
        await using var host = await system.HostAsync(_trusted);

        await SearchSystem.FindsAsync(host, 300, withinSeconds: 90);

        busy.ShouldBeGreaterThan(0);
    }

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "registry.search.engine.requests")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static async Task<string> FailsAsync(ServiceHost host, string sentence)
    {
        await Eventually.ShouldHoldAsync(async () => (await SearchSystem.HealthAsync(host)).Status == 503, "health says failed");
        var (_, body) = await SearchSystem.HealthAsync(host);
        body.ShouldContain(sentence);
        return body;
    }

    /// <summary>One server for all of them: each start takes longer than the test.</summary>
    public sealed class Secured : IAsyncLifetime
    {
        internal const string Password = "s3cret/%";

        private readonly TestAuthority _authority = new();
        private ElasticsearchServer? _server;

        internal string CaFile { get; } = Path.GetTempFileName();

        public async ValueTask InitializeAsync()
        {
            if (!TestElasticsearch.IsDistribution)
            {
                return;
            }

            await File.WriteAllTextAsync(CaFile, _authority.CertificatePem);

            // So little memory for writes that the engine answers 429 to a hundred documents at once.
            _server = await TestElasticsearch.StartSecuredAsync(Password, _authority, "indexing_pressure.memory.limit: 200kb");
        }

        public async ValueTask DisposeAsync()
        {
            await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
            _authority.Dispose();
            File.Delete(CaFile);
        }

        /// <summary>Its URL with a password.</summary>
        internal string UrlWith(string password)
        {
            Assert.SkipUnless(TestElasticsearch.IsDistribution, TestElasticsearch.Missing);
            return _server!.Url.Replace(Password, Uri.EscapeDataString(password), StringComparison.Ordinal);
        }
    }
}
