using System.Text;

using Microsoft.AspNetCore.Http;

using Registry.Upstreams.Tests.Loopback;

namespace Registry.Upstreams.Tests;

/// <summary>Several registries asked one after the other, or all at once (M45–M49, M55; complaints 4 and 9).</summary>
public sealed class FallbackTests : IAsyncLifetime
{
    private readonly List<RegistryException> _failures = [];
    private LoopbackServer? _near;
    private LoopbackServer? _far;

    private LoopbackServer Near => _near!;

    private LoopbackServer Far => _far!;

    public async ValueTask InitializeAsync()
    {
        _near = await LoopbackServer.StartAsync();
        _far = await LoopbackServer.StartAsync();
        Near.Json("/packages/both", Package("both", "2.0.0")).Json("/packages/both/versions", """{"versions":["2.0.0"]}""")
            .Json("/search?q=x", $$"""{"results":[{{Package("both", "2.0.0")}},{{Package("near-only", "1.0.0")}}]}""");
        Far.Json("/packages/both", Package("both", "1.0.0")).Json("/packages/far-only", Package("far-only", "3.0.0"))
            .Json("/packages/far-only/3.0.0", Package("far-only", "3.0.0")).Bytes("/packages/far-only/3.0.0/tarball", "bytes"u8.ToArray())
            .Json("/packages/far-only/versions", """{"versions":["3.0.0"]}""")
            .Json("/search?q=x", $$"""{"results":[{{Package("far-only", "3.0.0")}},{{Package("both", "1.0.0")}}]}""");
    }

    public async ValueTask DisposeAsync()
    {
        await Near.DisposeAsync();
        await Far.DisposeAsync();
    }

    [Fact]
    public async Task The_first_that_has_it_answers_and_an_absence_moves_on()
    {
        using var manager = Manager();

        (await manager.FetchMetadataAsync("both"))!.ShouldSatisfyAllConditions(
            found => found.Registry.Name.ShouldBe("near"), found => found.Value.Version.ShouldBe("2.0.0"));
        (await manager.FetchMetadataAsync("far-only"))!.Registry.Name.ShouldBe("far");
        (await manager.ListVersionsAsync("far-only"))!.Value.ShouldBe(["3.0.0"]);
        (await manager.FetchMetadataAsync("nowhere")).ShouldBeNull();
        _failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_disabled_one_is_not_asked()
    {
        using var manager = Manager();
        manager.SetEnabled("near", false);

        (await manager.FetchMetadataAsync("both"))!.Registry.Name.ShouldBe("far");

        Near.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failure_is_told_and_the_next_one_is_asked()
    {
        using var manager = Manager();
        Near.Fault = Fail;

        (await manager.FetchMetadataAsync("both"))!.Registry.Name.ShouldBe("far");
        _failures.ShouldHaveSingleItem().Registry.ShouldBe("near");
    }

    [Fact]
    public async Task Every_failure_is_told()
    {
        using var manager = Manager();
        (Near.Fault, Far.Fault) = (Fail, Fail);

        (await Should.ThrowAsync<RegistryException>(() => manager.FetchMetadataAsync("both"))).Registry.ShouldBe("near");

        _failures.Select(failure => failure.Registry).ShouldBe(["near", "far"]);
    }

    [Fact]
    public async Task A_version_without_its_tarball_is_broken_and_nobody_else_answers_for_it()
    {
        using var manager = Manager(RegistryFailureRule.Stop);
        Near.Json("/packages/far-only/3.0.0", Package("far-only", "3.0.0"));

        (await Should.ThrowAsync<RegistryException>(() => manager.DownloadTarballAsync("far-only", "3.0.0", "never"))).Failure.ShouldBe(RegistryFailure.BadTarball);

        Far.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task After_its_end_a_manager_asks_nobody()
    {
        var manager = Manager();
        manager.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => manager.FetchMetadataAsync("both"));
        Near.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_registry_that_failed_might_have_is_not_called_absent()
    {
        using var manager = Manager();
        Near.Fault = Fail;

        (await Should.ThrowAsync<RegistryException>(() => manager.FetchMetadataAsync("nowhere"))).Registry.ShouldBe("near");
        Near.Fault = null;

        (await manager.FetchMetadataAsync("nowhere")).ShouldBeNull();
    }

    [Fact]
    public async Task Where_only_an_absence_may_move_on_nobody_answers_for_one_that_failed()
    {
        using var manager = Manager(RegistryFailureRule.Stop);
        Near.Fault = Fail;

        (await Should.ThrowAsync<RegistryException>(() => manager.FetchMetadataAsync("both"))).Registry.ShouldBe("near");

        Far.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tarball_comes_from_the_first_that_has_it()
    {
        using var manager = Manager();
        var file = Path.GetTempFileName();

        (await manager.DownloadTarballAsync("far-only", "3.0.0", file))!.Name.ShouldBe("far");

        (await File.ReadAllTextAsync(file, Encoding.UTF8)).ShouldBe("bytes");
        (await manager.DownloadTarballAsync("far-only", "9.9.9", file)).ShouldBeNull();
        File.Delete(file);
    }

    [Fact]
    public async Task A_registry_is_not_asked_for_what_its_rules_block()
    {
        using var manager = Manager(near: new PackageRules { Block = [new PackageRule("both"), new PackageRule("far-*@3.*")] });

        (await manager.FetchMetadataAsync("both"))!.Registry.Name.ShouldBe("far");
        (await manager.FetchMetadataAsync("far-only", "3.0.0"))!.Registry.Name.ShouldBe("far");
        (await manager.ListVersionsAsync("both"))!.Registry.Name.ShouldBe("far");
        Near.Requests.ShouldBeEmpty();

        (await manager.SearchAsync("x")).Results.Select(found => $"{found.Registry.Name} {found.Value.Name}")
            .ShouldBe(["near near-only", "far far-only", "far both"]);
    }

    [Fact]
    public async Task A_version_that_is_blocked_does_not_come_by_another_name()
    {
        using var manager = Manager(near: new PackageRules { Block = [new PackageRule("both@2.*")] });
        (await manager.FetchMetadataAsync("both"))!.Registry.Name.ShouldBe("far");
        (await manager.ListVersionsAsync("both"))!.Value.ShouldBeEmpty();
        manager.RemoveRegistry("near");
        manager.AddRegistry(RegistryConfig.Npm(Near.Url) with { Rules = new PackageRules { Block = [new PackageRule("both@2.*")] } });
        Near.Json("/both/latest", """{"name":"both","version":"2.0.0","dist":{"tarball":"{url}/both.tgz"}}""");
        (await manager.DownloadTarballAsync("both", "latest", "never")).ShouldBeNull();
        Near.Requests[^1].Target.ShouldBe("/both/latest");
    }

    [Fact]
    public async Task A_search_asks_all_and_keeps_of_a_name_the_first_by_priority()
    {
        using var manager = Manager();

        var answer = await manager.SearchAsync("x");

        answer.Results.Select(found => $"{found.Registry.Name} {found.Value.Name} {found.Value.Version}")
            .ShouldBe(["near both 2.0.0", "near near-only 1.0.0", "far far-only 3.0.0"]);
        answer.IsPartial.ShouldBeFalse();
    }

    [Fact]
    public async Task A_search_does_not_wait_for_a_registry_that_hangs_and_says_so()
    {
        using var manager = Manager(searchWithin: TimeSpan.FromSeconds(3));
        Near.Fault = static context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        var answer = await manager.SearchAsync("x");

        answer.Results.Select(found => found.Value.Name).ShouldBe(["far-only", "both"]);
        answer.Failures.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            failure => failure.Registry.ShouldBe("near"), failure => failure.Failure.ShouldBe(RegistryFailure.TooSlow));
    }

    private static string Package(string name, string version) => $$"""{"name":"{{name}}","version":"{{version}}"}""";

    private static Task Fail(HttpContext context)
    {
        context.Response.StatusCode = 500;
        return Task.CompletedTask;
    }

    private RegistryManager Manager(RegistryFailureRule whenOneFails = RegistryFailureRule.AskNext, TimeSpan? searchWithin = null, PackageRules? near = null)
    {
        var manager = new RegistryManager { WhenOneFails = whenOneFails, SearchWithin = searchWithin ?? TimeSpan.FromSeconds(10), Failed = _failures.Add };
        manager.AddRegistry(RegistryConfig.Custom("far", Far.Url) with { Priority = 20 });
        manager.AddRegistry(RegistryConfig.Custom("near", Near.Url) with { Priority = 10, Rules = near ?? PackageRules.None });
        return manager;
    }
}
