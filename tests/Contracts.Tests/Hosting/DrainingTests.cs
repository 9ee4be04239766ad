using System.Diagnostics;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;
using Registry.Testing;

namespace Registry.Contracts.Tests.Hosting;

/// <summary>How a service ends: it says so, serves on, and lets requests under way come to their end.</summary>
public sealed class DrainingTests
{
    [Fact]
    public async Task A_service_that_ends_says_so_first_and_fails_no_request()
    {
        await using var app = await StartAsync();
        using var client = NewClient(app);
        (await client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);

        var underWay = client.GetAsync(new Uri("/internal/slow", UriKind.Relative));
        var clock = Stopwatch.StartNew();
        var ending = app.StopAsync();

        await Eventually.ShouldHoldAsync(async () => (await client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode == HttpStatusCode.ServiceUnavailable, "it says that it ends");
        using var served = await client.GetAsync(new Uri("/internal/quick", UriKind.Relative));
        served.StatusCode.ShouldBe(HttpStatusCode.OK);
        served.Headers.ConnectionClose.ShouldBe(true);
        (await underWay).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ending;
        clock.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9));
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(new Uri("/internal/quick", UriKind.Relative)));
    }

    [Fact]
    public async Task Whoever_calls_a_service_leaves_a_replica_alone_once_it_says_that_it_ends()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var caller = NewCaller(first, second);
        var client = caller.Services.GetRequiredService<Caller>();
        (await client.AskAsync()).ShouldNotBe(await client.AskAsync(), "both are asked");

        var ending = first.StopAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await client.AskAsync());
        }

        answers.Count(answer => answer == AddressOf(first)).ShouldBe(1, "the one that said so");
        await ending;
    }

    private static WebApplication NewCaller(params WebApplication[] replicas)
    {
        var addresses = replicas.Select((replica, i) => new KeyValuePair<string, string?>($"services:{ServiceNames.Web}:http:{i}", AddressOf(replica)));
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Packages, [], [.. TestKeys.Settings, .. addresses]);
        builder.Services.AddServiceClient<Caller>(builder.Configuration, ServiceNames.Web);
        return builder.Build();
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static async Task<WebApplication> StartAsync()
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(
            ServiceNames.Web, [], [.. TestKeys.Settings, new("urls", "http://127.0.0.1:0"), new("Drain:Delay", "00:00:01"), new("Logging:LogLevel:Default", "Error")]);
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/internal/quick", () => "ok");
        app.MapGet("/internal/who", () => AddressOf(app));
        app.MapGet("/internal/slow", async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            return "ok";
        });
        await app.StartAsync();
        return app;
    }

    private static HttpClient NewClient(WebApplication app)
    {
#pragma warning disable RS0030 // tests own their clients
        var client = new HttpClient { BaseAddress = new Uri(AddressOf(app)) };
#pragma warning restore RS0030
        client.DefaultRequestHeaders.Add(InternalHeaders.Assertion, TestKeys.Codec.SignService(ServiceNames.Packages, ServiceNames.Web));
        return client;
    }

    private sealed class Caller(HttpClient client)
    {
        public Task<string> AskAsync() => client.GetStringAsync(new Uri("/internal/who", UriKind.Relative));
    }
}
