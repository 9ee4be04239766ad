using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.Advisories;

/// <summary>Speaks to <c>/api/v1/advisories</c>.</summary>
internal static class AdvisorySystem
{
    private static long _last = 1_000_000;

    /// <summary>A number no other test uses.</summary>
    public static long NewId() => Interlocked.Increment(ref _last);

    public static JsonObject Entry(long id, string package, string range = "<1.0.0") =>
        new()
        {
            ["id"] = id,
            ["package"] = package,
            ["title"] = "Escapes its cage",
            ["url"] = $"https://advisories.example.test/{id}",
            ["severity"] = "high",
            ["vulnerableVersions"] = range,
            ["cwe"] = new JsonArray("CWE-22"),
            ["cvss"] = new JsonObject { ["score"] = 7.5, ["vector"] = "CVSS:3.1/AV:N" },
        };

    /// <summary>Adds or replaces one.</summary>
    public static async Task PutAdvisoryAsync(this PackageSystem system, long id, string package, string range, params (string Member, JsonNode Value)[] changes)
    {
        var entry = Entry(id, package, range);
        foreach (var (member, value) in changes)
        {
            entry[member] = value;
        }

        using var response = await system.AdvisoriesAsync(HttpMethod.Put, $"/{id}", entry.ToJsonString());
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks, as an administrator unless somebody else is named.</summary>
    public static async Task<HttpResponseMessage> AdvisoriesAsync(this PackageSystem system, HttpMethod method, string path = "", string? body = null, Caller? caller = null)
    {
        using var client = system.Packages.ClientFor(caller ?? TestKeys.User("root", isAdministrator: true), TestKeys.Mount(Contracts.Http.Dialects.Native));
        using var request = new HttpRequestMessage(method, $"/api/v1/advisories{path}");
        request.Content = body is null ? null : new StringContent(body);
        return await client.SendAsync(request);
    }
}
