using System.Diagnostics;
using System.Net;

using Npgsql;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Publishing;

public sealed class LostCommitTests(PackageSystem system)
{
    [Fact]
    public async Task A_commit_whose_reply_is_lost_is_answered_as_published()
    {
        await using var proxy = ProxyToPostgres();
        await using var host = await StartBehindAsync(proxy);
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        proxy.CutWhenServerSays(CutProxy.CommitReply);

        var outcome = await system.PublishAsync(PackageSystem.Command(name), user, host: host);

        proxy.Cuts.ShouldBe(1);
        outcome.ShouldBeOfType<PublishOutcome.Published>();
        using var client = system.Npm();
        using var manifest = await client.GetAsync($"/{name}/1.0.0");
        manifest.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_loser_whose_winner_lost_its_reply_is_still_told_that_the_version_exists()
    {
        await using var proxy = ProxyToPostgres();
        await using var host = await StartBehindAsync(proxy);
        var (winner, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        proxy.CutWhenServerSays(CutProxy.CommitReply);

        var first = await system.PublishAsync(PackageSystem.Command(name), winner, host: host);
        var second = await system.PublishAsync(PackageSystem.Command(name, content: "other"), winner, host: host);

        first.ShouldBeOfType<PublishOutcome.Published>();
        second.ShouldBeOfType<PublishOutcome.VersionExists>();
    }

    [Fact]
    public async Task An_unreachable_database_is_503_with_retry_after_soon()
    {
        await using var proxy = ProxyToPostgres();
        await using var host = await StartBehindAsync(proxy);
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var client = host.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm));
        using var operations = host.ClientForStranger();
        using var before = await client.GetAsync($"/{name}");
        before.StatusCode.ShouldBe(HttpStatusCode.OK);

        proxy.Refuse(true);
        var started = Stopwatch.GetTimestamp();
        using var during = await client.GetAsync($"/{name}");
        var took = Stopwatch.GetElapsedTime(started);
        using var health = await operations.GetAsync("/health");
        proxy.Refuse(false);
        using var after = await client.GetAsync($"/{name}");

        during.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        during.Headers.RetryAfter.ShouldNotBeNull();
        (await during.Content.ReadAsStringAsync()).ShouldContain("\"error\"");
        took.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static CutProxy ProxyToPostgres()
    {
        var server = new NpgsqlConnectionStringBuilder(BackingServers.Postgres);
        return new CutProxy(server.Host!, server.Port);
    }

    private Task<ServiceHost> StartBehindAsync(CutProxy proxy)
    {
        var connection = new NpgsqlConnectionStringBuilder(system.Database.ConnectionString)
        {
            Host = "127.0.0.1",
            Port = proxy.Port,
            SslMode = SslMode.Disable, // the proxy reads along
        };
        return system.StartAsync(("ConnectionStrings:packages", connection.ConnectionString));
    }
}
