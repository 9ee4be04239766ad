using Registry.Testing;
using Registry.Testing.Elasticsearch;

namespace Registry.SearchService.Tests.Indexing;

/// <summary>A company's Elasticsearch: behind https, with a certificate of its own authority.</summary>
public sealed class ElasticsearchSecurityTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly string _caFile = Path.GetTempFileName();

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_caFile);
    }

    [Fact]
    public async Task Https_with_a_private_authority_needs_its_file_and_a_wrong_API_key_is_refused()
    {
        Assert.SkipUnless(TestElasticsearch.IsDistribution, TestElasticsearch.Missing);
        await File.WriteAllTextAsync(_caFile, _authority.CertificatePem);
        await using var server = await TestElasticsearch.StartSecuredAsync("elastic-secret", _authority);
        await using var system = await SearchSystem.StartAsync(server.Url);
        system.Publish("guarded");

        await using (var mistrusting = await system.HostAsync())
        {
            await FailsAsync(mistrusting, "does not answer");
        }

        await using (var wrongKey = await system.HostAsync(("Tls:CaFile", _caFile), ("Search:Elasticsearch:ApiKey", Convert.ToBase64String("no:key"u8))))
        {
            await FailsAsync(wrongKey, "refuses the credentials"); // the key wins over the password in the URL
        }

        await using var host = await system.HostAsync(("Tls:CaFile", _caFile));
        await SearchSystem.FindsAsync(host, 1);
    }

    private static async Task FailsAsync(ServiceHost host, string sentence)
    {
        await Eventually.ShouldHoldAsync(async () => (await SearchSystem.HealthAsync(host)).Status == 503, "health says failed");
        (await SearchSystem.HealthAsync(host)).Body.ShouldContain(sentence);
    }
}
