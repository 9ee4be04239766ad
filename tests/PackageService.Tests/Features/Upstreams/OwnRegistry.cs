using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>A registry beside the one that all tests share: what administrators say of upstreams, and making room, would reach the others.</summary>
public sealed class OwnRegistry : IAsyncLifetime
{
    internal PackageSystem System { get; } = new();

    internal static Caller Administrator { get; } = TestKeys.User("root", isAdministrator: true);

    public ValueTask InitializeAsync() => System.InitializeAsync();

    public ValueTask DisposeAsync() => System.DisposeAsync();

    /// <summary>Forgets all upstreams and what was kept of them.</summary>
    internal async Task EmptyAsync()
    {
        await using var db = NewContext();
        await db.Database.ExecuteSqlAsync($"TRUNCATE upstreams, upstream_packuments, upstream_tarballs");
    }

    internal PackageDbContext NewContext() => System.Packages.Services.GetRequiredService<IDbContextFactory<PackageDbContext>>().CreateDbContext();
}

/// <summary>Asks <c>/api/v1/upstreams</c>.</summary>
internal static class UpstreamRequests
{
    public const string Upstreams = "/api/v1/upstreams";

    /// <summary>Sends an administrator's request, unless somebody else's is given.</summary>
    public static async Task<HttpResponseMessage> AskAsync(
        this ProxySystem proxy, HttpMethod method, string path = "", string? body = null, Caller? caller = null, ServiceHost? host = null)
    {
        using var client = proxy.Native(caller ?? OwnRegistry.Administrator, host);
        using var request = new HttpRequestMessage(method, new Uri(Upstreams + path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request);
    }

    /// <summary>What a request that has to succeed answers.</summary>
    public static async Task<JsonObject> TellAsync(this ProxySystem proxy, HttpMethod method, string path = "", JsonObject? body = null, ServiceHost? host = null)
    {
        using var answer = await proxy.AskAsync(method, path, body?.ToJsonString(), host: host);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return answer.StatusCode == HttpStatusCode.NoContent ? [] : (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Code and sentence of a refusal.</summary>
    public static async Task<(string Code, string Sentence)> ProblemAsync(this HttpResponseMessage answer)
    {
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        return (problem["code"]!.GetValue<string>(), problem["error"]!.GetValue<string>());
    }

    public static string Text(this JsonObject entry, string key) => entry[key]!.GetValue<string>();
}
