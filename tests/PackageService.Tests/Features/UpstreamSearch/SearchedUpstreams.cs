using System.Net.Http.Json;

using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features.UpstreamSearch;

/// <summary>Searching as SearchService does, and upstreams that answer a search as a test wants.</summary>
internal static class SearchedUpstreams
{
    /// <summary>Holds every question until its asker has left.</summary>
    public static async Task<bool> HangAsync(HttpContext context)
    {
        var left = new TaskCompletionSource();
        await using (context.RequestAborted.Register(left.SetResult))
        {
            await left.Task;
        }

        return true;
    }

    /// <summary>Fails every question.</summary>
    public static Task<bool> FailAsync(HttpContext context)
    {
        context.Response.StatusCode = 503;
        return Task.FromResult(true);
    }

    /// <summary>Answers one path with this JSON.</summary>
    public static Func<HttpContext, Task<bool>> Answer(params (string Path, object Body)[] answers) => async context =>
    {
        foreach (var (_, body) in answers.Where(answer => answer.Path == context.Request.Path))
        {
            await context.Response.WriteAsJsonAsync(body);
            return true;
        }

        return false;
    };

    /// <summary>Searches in the upstreams.</summary>
    public static async Task<UpstreamSearchResponse> SearchAsync(ServiceHost host, string text, string repository = "main", bool signedIn = false, int size = 250)
    {
        using var answer = await GetAsync(host, $"?repository={repository}&text={Uri.EscapeDataString(text)}&size={size}&signedIn={signedIn}");
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<UpstreamSearchResponse>(RegistryJson.Options))!;
    }

    /// <summary>Asks as SearchService.</summary>
    public static async Task<HttpResponseMessage> GetAsync(ServiceHost host, string query)
    {
        using var client = host.ClientForService(ServiceNames.Search);
        return await client.GetAsync(new Uri(PackageRoutes.UpstreamSearch + query, UriKind.Relative));
    }
}
