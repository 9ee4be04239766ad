using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>A file of upstreams that cannot be used: no start with it, and nothing lost when it breaks later.</summary>
public sealed class UpstreamFileTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-upstream-file-").FullName;
    private NpmUpstream _upstream = null!;

    private string Location => Path.Combine(_folder, "pantry.jsonc");

    public async ValueTask InitializeAsync() => _upstream = await NpmUpstream.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_start_is_refused_with_everything_that_is_wrong_by_file_line_and_key()
    {
        await WriteAsync("""
            {
              "registries": [
                { "name": "one", "type": "nmp", "url": "http://127.0.0.1:9" },
                { "name": "two", "type": "npm",
                  "url": "http://127.0.0.1:9", "auth": { "type": "bearer", "token": "${REGISTRY_TEST_NOT_SET}" } }
              ]
            }
            """);

        var refused = await Should.ThrowAsync<OptionsValidationException>(StartAsync);

        refused.Message.Split(Environment.NewLine).ShouldBe(
        [
            $"{Location}:3: registries[0].type: 'nmp' is not known; known are npm, custom, pantry, github, pkgx",
            $"{Location}:5: registries[1].auth.token: the environment variable REGISTRY_TEST_NOT_SET is not set",
        ]);
    }

    [Theory]
    [InlineData("{ \"registries\": [", "is no JSON")]
    [InlineData("", "is no JSON")]
    [InlineData("{ \"registries\": {} }", "registries: must be a list")]
    public async Task A_start_is_refused_without_a_usable_file(string text, string problem)
    {
        await WriteAsync(text);

        (await Should.ThrowAsync<OptionsValidationException>(StartAsync)).Message.ShouldContain(problem);
    }

    [Fact]
    public async Task A_url_that_cannot_be_used_is_named_by_its_option() =>
        (await Should.ThrowAsync<OptionsValidationException>(() => system.StartAsync(("Upstreams:Url", "ftp://example.test")))).Message.ShouldStartWith("Upstreams:Url: ");

    [Fact]
    public async Task While_upstreams_are_switched_off_nobody_reads_the_file()
    {
        await WriteAsync("no JSON");

        await using var host = await system.StartAsync(("Upstreams:File", Location), ("Upstreams:Enabled", "false"));

        (await HealthAsync(host)).Check.ShouldBe("ok");
    }

    [Theory]
    [InlineData("{ \"registries\": [ { \"name\": \"s3cr3t")]
    [InlineData(null)]
    public async Task A_file_that_breaks_later_counts_as_it_was_and_that_is_said_everywhere(string? text)
    {
        await WriteAsync(Usable("before"));
        await using var host = await StartAsync();
        var logged = new Recorder();
        logged.Listen(host);
        var name = PackageSystem.NewName();
        _upstream.Add(name, "1.0.0");

        if (text is null)
        {
            File.Delete(Location);
        }
        else
        {
            await WriteAsync(text);
        }

        await Eventually.ShouldHoldAsync(async () => (await HealthAsync(host)).Check == "degraded", "health says so");
        (await HealthAsync(host)).Status.ShouldBe("degraded");
        var list = await ListAsync(host);
        list["upstreams"]!.AsArray().Select(static entry => entry!.AsObject().Text("name")).ShouldBe(["before"]);
        list.Text("problem").ShouldContain(Location);
        list.Text("problem").ShouldNotContain("s3cr3t");
        logged.Lines.Count(static line => line.StartsWith("Error The file of upstreams cannot be used", StringComparison.Ordinal)).ShouldBe(1, "once, not every second");
        using (var client = host.ClientFor(Contracts.Http.Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm)))
        using (var answer = await client.GetAsync(new Uri($"/{name}", UriKind.Relative)))
        {
            answer.IsSuccessStatusCode.ShouldBeTrue();
        }

        await WriteAsync(Usable("after"));
        await Eventually.ShouldHoldAsync(async () => (await HealthAsync(host)).Check == "ok", "the next good one counts");
        (await ListAsync(host))["upstreams"]![0]!["name"]!.GetValue<string>().ShouldBe("after");
    }

    [Fact]
    public async Task A_link_leads_to_the_file_that_is_there_now()
    {
        var (one, two) = (Path.Combine(_folder, "one.json"), Path.Combine(_folder, "two.json"));
        await File.WriteAllTextAsync(one, Usable("one"), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_folder, "data"), one);
        File.CreateSymbolicLink(Location, Path.Combine(_folder, "data"));
        await using var host = await StartAsync();

        await File.WriteAllTextAsync(two, Usable("two"), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_folder, "new"), two);
        File.Move(Path.Combine(_folder, "new"), Path.Combine(_folder, "data"), overwrite: true);

        await Eventually.ShouldHoldAsync(async () => (await ListAsync(host))["upstreams"]![0]!["name"]!.GetValue<string>() == "two", "the other file counts");
    }

    /// <summary>What a service says of itself, and its check of the upstreams.</summary>
    internal static async Task<(string Status, string Check)> HealthAsync(ServiceHost host)
    {
        using var client = host.ClientForStranger();
        var health = (await client.GetFromJsonAsync<JsonObject>("/health"))!;
        return (health.Text("status"), health["checks"]!["upstreams"]!["status"]!.GetValue<string>());
    }

    private static async Task<JsonObject> ListAsync(ServiceHost host)
    {
        using var client = host.ClientFor(OwnRegistry.Administrator, TestKeys.Mount(Contracts.Http.Dialects.Native));
        return (await client.GetFromJsonAsync<JsonObject>(UpstreamRequests.Upstreams))!;
    }

    private string Usable(string name) => new JsonObject { ["registries"] = new JsonArray(ProxySystem.Entry(_upstream, name)) }.ToJsonString();

    private Task WriteAsync(string text) => File.WriteAllTextAsync(Location, text, TestContext.Current.CancellationToken);

    private Task<ServiceHost> StartAsync() => system.StartAsync(("Upstreams:File", Location));
}
