using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>The rules of npm protocol 4.1 that clients break without.</summary>
public sealed class NpmCachingTests(PackageSystem system)
{
    private static readonly (string, string?) Abbreviated = ("Accept", "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*");

    [Fact]
    public async Task Each_representation_has_its_own_strong_etag_and_a_304_without_a_body()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        var tags = new List<EntityTagHeaderValue>();
        foreach (var headers in new (string, string?)[][] { [], [Abbreviated], [("Accept-Encoding", "gzip")], [("Accept-Encoding", "br")] })
        {
            using var response = await system.GetNpmAsync($"/{name}", headers);
            tags.Add(response.Headers.ETag!);
            response.Headers.Vary.ShouldBe(["Accept", "Accept-Encoding"]);
            response.Headers.CacheControl!.ToString().ShouldBe("public, must-revalidate, max-age=0");
            using var again = await system.GetNpmAsync($"/{name}", [.. headers, ("If-None-Match", $"W/{response.Headers.ETag}")]);
            again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            (await again.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }

        using var otherForm = await system.GetNpmAsync($"/{name}", ("If-None-Match", tags[1].ToString()), ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"));
        await system.PublishedAsync(user, name, "1.0.1");
        using var afterwards = await system.GetNpmAsync($"/{name}", ("If-None-Match", tags[0].ToString()));

        tags.ShouldBeUnique();
        tags.ShouldAllBe(tag => !tag.IsWeak);
        otherForm.StatusCode.ShouldBe(HttpStatusCode.OK);
        afterwards.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_date_decides_in_seconds_and_only_without_a_tag()
    {
        var name = await PublishedAsync();
        using var first = await system.GetNpmAsync($"/{name}", Abbreviated);
        var (tag, date) = (first.Headers.ETag!.ToString(), first.Content.Headers.LastModified!.Value);

        // pnpm sends the time that the document itself says, both headers at once.
        var modified = DateTimeOffset.Parse((await JsonAsync(first))["modified"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        foreach (var (status, headers) in new (HttpStatusCode, (string, string?)[])[]
        {
            (HttpStatusCode.OK, []),
            (HttpStatusCode.NotModified, [("If-Modified-Since", Http(date))]),
            (HttpStatusCode.NotModified, [("If-Modified-Since", Http(modified))]),
            (HttpStatusCode.OK, [("If-Modified-Since", Http(date.AddSeconds(-1)))]),
            (HttpStatusCode.OK, [("If-Modified-Since", "yesterday")]),
            (HttpStatusCode.NotModified, [("If-None-Match", tag), ("If-Modified-Since", Http(date.AddDays(-1)))]),
            (HttpStatusCode.OK, [("If-None-Match", "\"other\""), ("If-Modified-Since", Http(modified))]),
            (HttpStatusCode.NotModified, [("If-None-Match", $"\"other\", W/{tag}")]),
            (HttpStatusCode.NotModified, [("If-None-Match", "*")]),
        })
        {
            using var response = await system.GetNpmAsync($"/{name}", [Abbreviated, .. headers]);
            response.StatusCode.ShouldBe(status, string.Join(", ", headers));
            response.Headers.ETag!.ToString().ShouldBe(tag);
        }
    }

    [Fact]
    public async Task The_tag_of_one_form_never_stands_for_the_other()
    {
        var name = await PublishedAsync();
        using var abbreviated = await system.GetNpmAsync($"/{name}", Abbreviated);

        // pnpm asks like this when it needs what the abbreviated document does not have.
        using var full = await system.GetNpmAsync(
            $"/{name}", ("If-None-Match", abbreviated.Headers.ETag!.ToString()), ("If-Modified-Since", Http(abbreviated.Content.Headers.LastModified!.Value)));

        (full.StatusCode, (await JsonAsync(full))["_id"]!.GetValue<string>()).ShouldBe((HttpStatusCode.OK, name));
        abbreviated.Content.Headers.ContentType!.ToString().ShouldBe("application/vnd.npm.install-v1+json");
    }

    [Fact]
    public async Task Every_write_changes_what_is_read_next()
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "2.0.0", "next");
        using var client = system.Npm(user);
        var seen = new List<string>();
        foreach (var write in new Func<Task<HttpResponseMessage>>[]
        {
            () => client.PutAsJsonAsync($"/{name}", PublishBody.Npm(name, "3.0.0")),
            () => client.PutAsJsonAsync($"/-/package/{name}/dist-tags/stable", "1.0.0"),
            () => client.DeleteAsync(new Uri($"/-/package/{name}/dist-tags/next", UriKind.Relative)),
        })
        {
            using var before = await system.GetNpmAsync($"/{name}", Abbreviated);
            using var written = await write();
            using var after = await system.GetNpmAsync($"/{name}", Abbreviated, ("If-None-Match", before.Headers.ETag!.ToString()));
            written.IsSuccessStatusCode.ShouldBeTrue();
            after.StatusCode.ShouldBe(HttpStatusCode.OK);
            seen.Add((await JsonAsync(after)).ToJsonString());
        }

        seen.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Modified_is_never_before_a_publish_and_time_names_every_version()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var version in new[] { "1.0.0", "1.1.0-rc.1+b", "0.9.0" })
        {
            await system.PublishedAsync(user, name, version);
        }

        using var response = await system.GetNpmAsync($"/{name}", Abbreviated);
        var document = await JsonAsync(response);

        var times = document["time"]!.AsObject().ToDictionary(time => time.Key, time => time.Value!.GetValue<string>());
        document["versions"]!.AsObject().Select(version => version.Key).ShouldBe(["0.9.0", "1.0.0", "1.1.0-rc.1+b"]);
        times.Keys.ShouldBe(["created", "modified", "0.9.0", "1.0.0", "1.1.0-rc.1+b"]);
        times["modified"].ShouldBe(document["modified"]!.GetValue<string>());
        times.Values.ShouldAllBe(time => string.CompareOrdinal(time, times["modified"]) <= 0);
    }

    private static string Http(DateTimeOffset time) => time.ToString("r", CultureInfo.InvariantCulture);

    private static async Task<JsonObject> JsonAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>())!;

    private async Task<string> PublishedAsync()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        return name;
    }
}
