using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>Whoever changed a package and asks the same Gateway again is never told that what they have is still right (npm protocol 4.1, DESIGN 10).</summary>
public sealed class FreshnessTests(RegistryFixture fixture)
{
    [Fact]
    public async Task No_change_of_a_package_leaves_its_old_ETag_valid()
    {
        using var user = await fixture.SignedUpAsync("fresh");
        using var second = await fixture.SignedUpAsync("fresh-too");
        using var writer = RegistryFixture.HttpFor(user);
        const string path = "/@fresh%2fpackage";
        await SendAsync(writer, HttpMethod.Put, path, DocumentOf("1.0.0"));
        await SendAsync(writer, HttpMethod.Put, path, DocumentOf("1.1.0"));
        await SendAsync(writer, HttpMethod.Post, "/-/package/@fresh%2fpackage/access", new JsonObject { ["access"] = "public" });

        foreach (var change in new Func<Task>[]
        {
            async () => await SendAsync(writer, HttpMethod.Put, path, await DeprecatedAsync(writer, path)),
            () => SendAsync(writer, HttpMethod.Put, "/-/package/@fresh%2fpackage/dist-tags/beta", JsonValue.Create("1.0.0")),
            () => SendAsync(writer, HttpMethod.Delete, "/-/package/@fresh%2fpackage/dist-tags/beta", null),
            async () => await SendAsync(writer, HttpMethod.Put, $"{path}/-rev/{await RevOfAsync(writer, path)}", await WithOwnerAsync(writer, path, "fresh-too")),
            () => SendAsync(writer, HttpMethod.Put, path, DocumentOf("1.2.0")),
            async () => await SendAsync(writer, HttpMethod.Put, $"{path}/-rev/{await RevOfAsync(writer, path)}", await WithoutAsync(writer, path, "1.2.0")),
        })
        {
            var known = await ReadTwiceAsync(path);
            await change();
            (await AskAsync(path, known)).ShouldBe(HttpStatusCode.OK);
        }

        var last = await ReadTwiceAsync(path);
        await SendAsync(writer, HttpMethod.Post, "/-/package/@fresh%2fpackage/access", new JsonObject { ["access"] = "restricted" });
        (await AskAsync(path, last)).ShouldBe(HttpStatusCode.NotFound);
        await SendAsync(writer, HttpMethod.Post, "/-/package/@fresh%2fpackage/access", new JsonObject { ["access"] = "public" });
        last = await ReadTwiceAsync(path);
        await SendAsync(writer, HttpMethod.Delete, $"{path}/-rev/{await RevOfAsync(writer, path)}", null);
        (await AskAsync(path, last)).ShouldBe(HttpStatusCode.NotFound);
    }

    private static JsonObject DocumentOf(string version) =>
        TarballOf.NpmDocument("@fresh/package", version, TarballOf.Package("@fresh/package", version));

    private async Task<JsonObject> DeprecatedAsync(HttpClient client, string path)
    {
        var packument = (await client.GetFromJsonAsync<JsonObject>($"{fixture.Registry.Npm}{path}?write=true"))!;
        packument["versions"]!["1.0.0"]!["deprecated"] = "old";
        return packument;
    }

    private async Task<JsonObject> WithOwnerAsync(HttpClient client, string path, string name)
    {
        var packument = (await client.GetFromJsonAsync<JsonObject>($"{fixture.Registry.Npm}{path}?write=true"))!;
        packument["maintainers"]!.AsArray().Add(new JsonObject { ["name"] = name, ["email"] = $"{name}@example.test" });
        return new JsonObject { ["_id"] = "@fresh/package", ["_rev"] = packument["_rev"]!.DeepClone(), ["maintainers"] = packument["maintainers"]!.DeepClone() };
    }

    private async Task<JsonObject> WithoutAsync(HttpClient client, string path, string version)
    {
        var packument = (await client.GetFromJsonAsync<JsonObject>($"{fixture.Registry.Npm}{path}?write=true"))!;
        packument["versions"]!.AsObject().Remove(version);
        packument["dist-tags"]!["latest"] = "1.1.0";
        return packument;
    }

    private async Task<string> RevOfAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<JsonObject>($"{fixture.Registry.Npm}{path}?write=true"))!["_rev"]!.GetValue<string>();

    private async Task SendAsync(HttpClient client, HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, fixture.Registry.Npm + path);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Twice: the second answer is from memory.</summary>
    private async Task<string> ReadTwiceAsync(string path)
    {
        (await AskAsync(path, null)).ShouldBe(HttpStatusCode.OK);
        using var anonymous = RegistryProcess.NewClient();
        using var answer = await anonymous.GetAsync(fixture.Registry.Npm + path);
        var tag = answer.Headers.ETag!.ToString();
        (await AskAsync(path, tag)).ShouldBe(HttpStatusCode.NotModified);
        return tag;
    }

    private async Task<HttpStatusCode> AskAsync(string path, string? known)
    {
        using var anonymous = RegistryProcess.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.Registry.Npm + path);
        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }

        using var answer = await anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}
