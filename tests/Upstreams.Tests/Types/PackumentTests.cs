using System.Globalization;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Types;

/// <summary>Packuments as a registry sends them.</summary>
public sealed class PackumentTests : IAsyncLifetime
{
    private const string Hello = """{"name":"hello","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"hello","version":"1.0.0"}}}""";
    private static readonly DateTimeOffset Changed = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private LoopbackServer? _server;

    private LoopbackServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task It_comes_as_it_was_sent_with_its_validators()
    {
        using var registry = Npm();
        ServeHello();

        var found = (await registry.FetchPackumentAsync(new PackumentQuery { Name = "hello", Abbreviated = true })).ShouldBeOfType<PackumentAnswer.Found>().Packument;
        await registry.FetchPackumentAsync(new PackumentQuery { Name = "hello" });

        Encoding.UTF8.GetString(found.Json.Span).ShouldBe(Hello);
        (found.ETag, found.LastModified).ShouldBe(("W/\"one\"", Changed));
        registry.MakesPackuments.ShouldBeFalse();
        Server.Requests.Select(request => request.Headers["Accept"]).ShouldBe(["application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8", "application/json"]);
    }

    [Fact]
    public async Task What_is_known_is_asked_for_conditionally()
    {
        using var registry = Npm();
        ServeHello();

        (await registry.FetchPackumentAsync(Knowing("W/\"one\"", null))).ShouldBe(new PackumentAnswer.NotModified());
        (await registry.FetchPackumentAsync(Knowing(null, Changed))).ShouldBe(new PackumentAnswer.NotModified());
        (await registry.FetchPackumentAsync(Knowing("W/\"other\"", null))).ShouldBeOfType<PackumentAnswer.Found>();
        (await registry.FetchPackumentAsync(Knowing("no etag", null))).ShouldBeOfType<PackumentAnswer.Found>();
    }

    [Fact]
    public async Task An_answer_to_a_condition_nobody_set_is_a_bad_one()
    {
        using var registry = Npm();
        Server.Fault = static context =>
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        };

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchPackumentAsync(Knowing(null, null)))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Theory]
    [InlineData("""{"name":"hello","time":{"unpublished":{"time":"2020-01-01T00:00:00Z"}}}""")]
    [InlineData("""{"name":"hello","versions":{}}""")]
    public async Task Without_versions_it_is_absent(string json)
    {
        using var registry = Npm();
        Server.Json("/hello", json);

        (await registry.FetchPackumentAsync(new PackumentQuery { Name = "hello" })).ShouldBe(new PackumentAnswer.NotFound());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"name":"other","versions":{"1.0.0":{}}}""")]
    [InlineData("""{"name":["hello"],"versions":{"1.0.0":{}}}""")]
    [InlineData("""{"versions":{"1.0.0":{}}}""")]
    [InlineData("""{"name":"hello","versions":[]}""")]
    [InlineData("""{"name":"hello","versions":"1.0.0"}""")]
    [InlineData("""{"name":"hello","versions":{"1.0.0":{}}""")]
    [InlineData("""{"name":"hello","versions":{"1.0.0":{}}} {}""")]
    [InlineData("""{"name":"hello","versions":{"1.0.0":{"description":"\ud800"}}}""")]
    [InlineData("""{"name":"hello","versions":{"1.0.0":{"x":1,}}}""")]
    public async Task What_cannot_be_one_is_a_bad_answer(string json)
    {
        using var registry = Npm();
        Server.Json("/hello", json);

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchPackumentAsync(new PackumentQuery { Name = "hello" }))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Fact]
    public async Task A_byte_order_mark_is_taken_away_and_any_size_is_read()
    {
        using var registry = Npm();
        var versions = string.Join(',', Enumerable.Range(0, 3000).Select(number => string.Create(CultureInfo.InvariantCulture, $$"""
            "{{number}}.0.0":{"name":"hello","description":"{{new string('x', 300)}}"}
            """)));
        Server.Bytes("/hello", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($$$"""{"name":"hello","versions":{{{{versions}}}}}""")]);

        var found = (await registry.FetchPackumentAsync(new PackumentQuery { Name = "hello" })).ShouldBeOfType<PackumentAnswer.Found>().Packument;

        using var json = JsonDocument.Parse(found.Json);
        json.RootElement.GetProperty("versions").EnumerateObject().Count().ShouldBe(3000);
    }

    [Fact]
    public void Versions_are_in_the_order_of_precedence()
    {
        string[] ordered = ["0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+build.1", "1.9.0", "1.10.0", "10.0.0"];

        ordered.Reverse().Select(version => SemanticVersion.TryParse(version).ShouldNotBeNull()).Order().Select(version => version.Text).ShouldBe(ordered);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("v1.0.0")]
    [InlineData("1.0.0.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0-01")]
    [InlineData("1.0.0+")]
    [InlineData("1.0.0\n")]
    [InlineData("1.0.99999999999999999999")]
    [InlineData("latest")]
    [InlineData("")]
    public void What_npm_clients_take_for_no_version_is_none(string text) => SemanticVersion.TryParse(text).ShouldBeNull();

    private static PackumentQuery Knowing(string? etag, DateTimeOffset? modified) =>
        new() { Name = "hello", Known = new Packument(default, etag, modified) };

    private void ServeHello() => Server.On("/hello", static context =>
    {
        context.Response.Headers.ETag = "W/\"one\"";
        context.Response.Headers.LastModified = Changed.ToString("R", CultureInfo.InvariantCulture);
        if (context.Request.Headers.IfNoneMatch == "W/\"one\"" || context.Request.Headers.IfModifiedSince == Changed.ToString("R", CultureInfo.InvariantCulture))
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync(Hello);
    });

    private NpmRegistry Npm() => new(RegistryConfig.Npm(Server.Url));
}
