using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Downloads;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Downloads;

public sealed class DownloadTests(PackageSystem system)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    [Fact]
    public async Task A_batch_counts_once_however_often_it_arrives()
    {
        var name = await PublishedAsync();
        var batch = Batch((name, "1.0.0", Today, 2), (name, "1.1.0", Today, 1));

        await Task.WhenAll(SendAsync(batch), SendAsync(batch));
        await SendAsync(batch);
        await SendAsync(Batch((name, "1.0.0", Today, 4), (name, "1.0.0", Today.AddDays(-1), 10)));

        (await GetAsync($"/downloads/point/last-day/{name}"))!["downloads"]!.GetValue<long>().ShouldBe(7);
        (await GetAsync($"/versions/{name}/last-week"))!["downloads"]!.ToJsonString().ShouldBe("""{"1.0.0":16,"1.1.0":1}""");
    }

    [Fact]
    public async Task A_point_and_a_range_have_every_day_of_their_period()
    {
        var name = $"@{PackageSystem.NewName("s")}/x";
        await system.PublishedAsync(await system.NewUserAsync(), name);
        await SendAsync(Batch((name, "1.0.0", Today.AddDays(-2), 3), (name, "1.0.0", Today.AddDays(-1), 5)));
        var (start, end) = (Text(Today.AddDays(-2)), Text(Today));

        var point = await GetAsync($"/downloads/point/{start}:{end}/{name}");
        var range = await GetAsync($"/downloads/range/{start}:{end}/{name.Replace("/", "%2f", StringComparison.Ordinal)}");

        point!.ToJsonString().ShouldBe($$"""{"downloads":8,"start":"{{start}}","end":"{{end}}","package":"{{name}}"}""");
        range!.ToJsonString().ShouldBe(
            $$"""{"downloads":[{"downloads":3,"day":"{{start}}"},{"downloads":5,"day":"{{Text(Today.AddDays(-1))}}"},{"downloads":0,"day":"{{end}}"}],"start":"{{start}}","end":"{{end}}","package":"{{name}}"}""");
        (await GetAsync($"/downloads/point/last-month/{name}"))!["start"]!.GetValue<string>().ShouldBe(Text(Today.AddDays(-29)));
    }

    [Fact]
    public async Task What_the_caller_may_not_read_looks_absent_alone_and_among_others()
    {
        var owner = await system.NewUserAsync();
        var (hidden, open, absent) = ($"@{PackageSystem.NewName("s")}/x", await PublishedAsync(), PackageSystem.NewName());
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        await SendAsync(Batch((hidden, "1.0.0", Today, 1), (open, "1.0.0", Today, 2)));

        using var refused = await system.GetNpmAsync($"/downloads/point/last-week/{hidden}");
        using var unknown = await system.GetNpmAsync($"/versions/{absent}/last-week");
        var several = await GetAsync($"/downloads/point/last-week/{open},{Uri.EscapeDataString(hidden)},{absent}");
        var own = await GetAsync($"/downloads/point/last-week/{hidden}", owner);

        (await CodeOf(refused), await CodeOf(unknown)).ShouldBe(((404, "package_not_found"), (404, "package_not_found")));
        several![open]!["downloads"]!.GetValue<long>().ShouldBe(2);
        (several.ContainsKey(hidden), several[hidden], several.ContainsKey(absent), several[absent]).ShouldBe((true, null, true, null));
        own!["downloads"]!.GetValue<long>().ShouldBe(1);
    }

    [Fact]
    public async Task What_came_from_upstreams_is_known_once_it_was_downloaded_where_upstreams_are_asked()
    {
        var (name, claimed) = (PackageSystem.NewName(), await PublishedAsync());
        var alike = $"{claimed[..3]}-{claimed[3..]}";
        using var before = await system.GetNpmAsync($"/downloads/point/last-week/{name}");
        await SendAsync(Batch((name, "2.0.0", Today, 3), (alike, "1.0.0", Today, 1)));
        using var without = system.Packages.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm) with { UsesUpstreams = false });

        using var shielded = await system.GetNpmAsync($"/downloads/point/last-week/{alike}");
        using var notAsked = await without.GetAsync($"/downloads/point/last-week/{name}");

        (await GetAsync($"/downloads/point/last-week/{name}"))!["downloads"]!.GetValue<long>().ShouldBe(3);
        (before.StatusCode, shielded.StatusCode, notAsked.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Totals_count_what_everyone_may_read()
    {
        var (day, owner, hidden) = (Today.AddDays(-100), await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        await SendAsync(Batch((hidden, "1.0.0", day, 100), (await PublishedAsync(), "1.0.0", day, 3), (PackageSystem.NewName(), "1.0.0", day, 7)));

        var total = await GetAsync($"/downloads/point/{Text(day)}", owner);
        var range = await GetAsync($"/downloads/range/{Text(day)}");

        total!.ToJsonString().ShouldBe($$"""{"downloads":10,"start":"{{Text(day)}}","end":"{{Text(day)}}"}""");
        range!["downloads"]!.AsArray().Single()!["downloads"]!.GetValue<long>().ShouldBe(10);
    }

    [Theory]
    [InlineData("/downloads/point/yesterday", "invalid_period")]
    [InlineData("/downloads/point/2026-02-30/x", "invalid_period")]
    [InlineData("/downloads/range/2026-02-02:2026-02-01", "invalid_period")]
    [InlineData("/downloads/range/2024-01-01:2026-01-01/x", "invalid_period")]
    [InlineData("/downloads/range/last-week/a,,b", "invalid_name")]
    [InlineData("/downloads/point/last-week/_x", "invalid_name")]
    [InlineData("/versions/_x/last-week", "invalid_name")]
    public async Task What_cannot_be_meant_is_refused(string path, string code)
    {
        using var answer = await system.GetNpmAsync(path);

        (await CodeOf(answer)).ShouldBe((400, code));
    }

    [Fact]
    public async Task At_most_128_packages_are_told_of_at_once()
    {
        var names = Enumerable.Range(0, 129).Select(static i => $"p{i}").ToList();

        using var most = await system.GetNpmAsync($"/downloads/point/last-day/{string.Join(',', names.Take(128))}");
        using var more = await system.GetNpmAsync($"/downloads/point/last-day/{string.Join(',', names)}");

        most.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CodeOf(more)).ShouldBe((400, "invalid_name"));
    }

    [Fact]
    public async Task A_package_called_downloads_is_a_package()
    {
        await system.PublishedAsync(await system.NewUserAsync(), "downloads");

        foreach (var path in new[] { "/downloads", "/downloads/1.0.0", "/downloads/latest", "/downloads/-/downloads-1.0.0.tgz" })
        {
            using var answer = await system.GetNpmAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task A_tarball_says_what_is_counted_and_the_package_how_often_it_was()
    {
        var name = await PublishedAsync();
        await SendAsync(Batch((name, "1.0.0", Today.AddDays(-6), 4), (name, "1.0.0", Today.AddDays(-7), 5)));
        using var native = system.Packages.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Native));

        using var tarball = await system.GetNpmAsync($"/{name}/-/{name}-1.0.0.tgz");
        var page = await native.GetFromJsonAsync<PackageResponse>($"/api/v1/repositories/main/packages/{name}", RegistryJson.Options);

        tarball.Headers.GetValues(InternalHeaders.Download).ShouldBe([$"main/{name}@1.0.0"]);
        page!.WeeklyDownloads.ShouldBe(4);
    }

    [Fact]
    public async Task A_batch_that_makes_no_sense_or_is_a_users_is_refused()
    {
        using var gateway = system.Packages.ClientForService(ServiceNames.Gateway);
        using var user = system.Npm(await system.NewUserAsync());
        var many = Enumerable.Repeat(new DownloadCount("main/x@1.0.0", Today, 1), DownloadBatch.MostCounts + 1).ToList();

        foreach (var counts in new IReadOnlyList<DownloadCount>[] { [new("main/x", Today, 1)], [new("x@1.0.0", Today, 1)], [new("main/x@1", Today, 1)], [new("main/x@1.0.0", Today, 0)], many })
        {
            using var refused = await gateway.PostAsJsonAsync(PackageRoutes.Downloads, new DownloadBatch(Guid.CreateVersion7(), counts), RegistryJson.Options);
            (await CodeOf(refused)).ShouldBe((400, "invalid_request"));
        }

        using var stranger = await user.PostAsJsonAsync(PackageRoutes.Downloads, new DownloadBatch(Guid.CreateVersion7(), []), RegistryJson.Options);
        stranger.IsSuccessStatusCode.ShouldBeFalse();
    }

    [Fact]
    public async Task Days_no_period_reaches_are_forgotten()
    {
        var name = await PublishedAsync();
        await SendAsync(Batch((name, "1.0.0", Today.AddDays(-401), 1), (name, "1.0.0", Today.AddDays(-399), 1)));

        await system.Packages.Services.GetServices<IHostedService>().OfType<ForgetOldDownloads>().Single().ForgetAsync(default);

        await using var scope = system.Packages.Services.CreateAsyncScope();
        var left = await scope.ServiceProvider.GetRequiredService<PackageDbContext>().Downloads.Where(row => row.Name == name).ToListAsync();
        left.Select(static row => row.Day).ShouldBe([Today.AddDays(-399)]);
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", null);

    private static DownloadBatch Batch(params (string Name, string Version, DateOnly Day, long Count)[] counts) =>
        new(Guid.CreateVersion7(), [.. counts.Select(static count => new DownloadCount($"main/{count.Name}@{count.Version}", count.Day, count.Count))]);

    private static async Task<(int Status, string Code)> CodeOf(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>());

    private async Task<string> PublishedAsync()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        return name;
    }

    private async Task SendAsync(DownloadBatch batch)
    {
        using var gateway = system.Packages.ClientForService(ServiceNames.Gateway);
        using var answer = await gateway.PostAsJsonAsync(PackageRoutes.Downloads, batch, RegistryJson.Options);
        (answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((HttpStatusCode.OK, "{}"));
    }

    private async Task<JsonObject?> GetAsync(string path, Caller? caller = null)
    {
        using var client = system.Npm(caller);
        using var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonObject>();
    }
}
