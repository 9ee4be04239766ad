using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;
using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Tests.Cli;

/// <summary>What the operator is shown of the cache; what PackageService answers is shown by its own tests.</summary>
public sealed class CacheCommandTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private TestFolder _folder = null!;
    private WebApplication _packages = null!;

    public async ValueTask InitializeAsync()
    {
        _folder = await TestFolder.CreateAsync();
        _packages = Create();
        await _packages.StartAsync();
        new InstanceFile(_folder.Folder).Change(state => state with
        {
            Supervisor = new SupervisorState(ProcessIdentity.Of(Environment.ProcessId, "Registry")!, TimeProvider.System.GetUtcNow(), true, []),
            Ports = new() { ["service-packages"] = new Uri(_packages.Urls.Single()).Port },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _packages.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task The_table_counts_by_upstream_and_in_all()
    {
        var shown = await RunAsync("cache");

        shown.ExitCode.ShouldBe(0, shown.Output);
        Rows(shown).ShouldBe([["upstream", "packuments", "tarballs", "bytes"], ["company", "3", "2", "1,234,567"], ["npm", "1,000", "10", "3"], ["all", "1,003", "12", "1,234,570"]]);
    }

    [Fact]
    public async Task Making_room_says_what_has_left_and_a_dry_run_what_would()
    {
        var made = await RunAsync("cache", "evict");
        var dry = await RunAsync("cache", "evict", "--dry-run");

        (made.ExitCode, dry.ExitCode).ShouldBe((0, 0));
        Rows(made)[1].ShouldBe(["npm", "left-out", "1.0.0", "1,000", "2026-01-02", "03:04"]);
        made.Output.Trim().ShouldEndWith("2 tarballs of 2,000 bytes and 3 packuments have left. The first are above.");
        dry.Output.Trim().ShouldEndWith("2 tarballs of 2,000 bytes and 3 packuments would leave. The first are above.");
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named()
    {
        await _packages.DisposeAsync();
        var silent = await RunAsync("cache", "evict");

        silent.ExitCode.ShouldBe(1);
        silent.Output.ShouldContain("PackagesService does not answer");
    }

    private static string[][] Rows(ProgramResult result) =>
        [.. result.Output.Split('\n').Where(static line => line.Any(char.IsLetterOrDigit)).Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var packages = builder.Build();
        packages.Urls.Add("http://127.0.0.1:0");
        packages.MapGet(PackageRoutes.UpstreamCache, static (HttpContext context) => IsOperator(context)
            ? Results.Json(new UpstreamCacheResponse([new("company", 3, 2, 1_234_567), new("npm", 1000, 10, 3)]), RegistryJson.Options)
            : Results.StatusCode(403));
        packages.MapPost(PackageRoutes.EvictUpstreamCache, static (HttpContext context, bool? dryRun) => IsOperator(context)
            ? Results.Json(new EvictionResponse(dryRun == true, 2, 2000, 3, [new("npm", "left-out", "1.0.0", 1000, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))]), RegistryJson.Options)
            : Results.StatusCode(403));
        return packages;
    }

    private static bool IsOperator(HttpContext context) => context.Request.Headers.ContainsKey(InternalHeaders.Assertion);

    private Task<ProgramResult> RunAsync(params string[] arguments) =>
        ProgramRun.RunAsync("dotnet", [typeof(Listeners).Assembly.Location, .. arguments, "--data", _folder.Folder.Root], Limit, TestContext.Current.CancellationToken);
}
