using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>What holds for npm's protocol whatever is asked for (npm protocol 1.2, 1.3, 1.5, 3.1).</summary>
public sealed class NpmHttpTests(PackageSystem system)
{
    [Theory]
    [InlineData("GET", "/-/all")]
    [InlineData("GET", "/-/nothing/of/the/kind")]
    [InlineData("POST", "/-/ping")]
    [InlineData("PUT", "/-/all")]
    [InlineData("DELETE", "/-/package/left-pad/visibility/x")]
    [InlineData("PATCH", "/-/package/left-pad/dist-tags")]
    [InlineData("POST", "/-/pnpr/v0/resolve")]
    public async Task What_is_not_part_of_this_registry_below_the_dash_is_404_whatever_the_method(string method, string path)
    {
        using var client = system.Npm();

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        await response.ShouldBeRefusedAsync(404, "not_supported");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/-/ping")]
    [InlineData("/-/package/{name}/dist-tags")]
    [InlineData("/-/package/{name}/owners")]
    [InlineData("/-/_view/starredByUser?key=%22ada%22")]
    [InlineData("/{name}")]
    [InlineData("/{name}/latest")]
    public async Task Head_is_answered_as_get_is_without_a_body(string path)
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var client = system.Npm();
        var target = path.Replace("{name}", name, StringComparison.Ordinal);

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, target));
        using var get = await client.GetAsync(target);

        (head.StatusCode, get.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        head.Headers.ETag.ShouldBe(get.Headers.ETag);
    }

    [Theory]
    [InlineData("/_x", 400)]
    [InlineData("/@x", 400)]
    [InlineData("/x@y", 400)]
    [InlineData("/.x", 400)]
    [InlineData("/node_modules", 400)]
    [InlineData("/@x%2f_y", 404)]
    [InlineData("/no-such-package-at-all", 404)]
    [InlineData("/No-Such-Package", 404)]
    public async Task A_name_that_no_package_can_have_is_400_and_one_that_none_has_is_404(string path, int status)
    {
        using var response = await system.GetNpmAsync(path);

        ((int)response.StatusCode).ShouldBe(status);
        (await response.JsonAsync())["error"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Every_body_may_be_gzip_and_one_that_is_not_what_it_says_is_refused()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        using var client = system.Npm(user);
        var document = Encoding.UTF8.GetBytes(PublishBody.Npm(name).ToJsonString());
        var tag = $"/-/package/{name}/dist-tags/next";

        using var published = await PutAsync(client, $"/{name}", Tarball.Gzip(document));
        using var tagged = await PutAsync(client, tag, Tarball.Gzip("\"1.0.0\""u8.ToArray()));
        using var cut = await PutAsync(client, $"/{name}", Tarball.Gzip(document)[..^20]);
        using var plain = await PutAsync(client, $"/{name}", document);
        using var plainTag = await PutAsync(client, tag, "\"1.0.0\""u8.ToArray());
        using var other = await PutAsync(client, tag, "\"1.0.0\""u8.ToArray(), "br");

        await published.ShouldBeOkAsync(name, 201);
        await tagged.ShouldBeOkAsync(name);
        cut.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await plain.ShouldBeRefusedAsync(400, "invalid_gzip");
        plainTag.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await other.ShouldBeRefusedAsync(415, "unsupported_content_encoding");
    }

    [Fact]
    public async Task What_a_compressed_body_inflates_to_is_bounded()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var client = system.Npm(user);
        var bomb = Tarball.Gzip(Encoding.UTF8.GetBytes("{\"_id\":\"" + new string('x', 20_000_000) + "\"}"));

        using var document = await PutAsync(client, $"/{name}", bomb);
        using var small = await PutAsync(client, $"/-/package/{name}/dist-tags", bomb);

        document.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        small.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_document_to_be_changed_is_the_full_one_as_of_the_last_write()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "2.0.0");
        using var npm = new NpmClient(system, user);
        using var client = system.Npm();

        foreach (var write in new Func<Task<HttpResponseMessage>>[]
        {
            () => npm.UpdateAsync(name, d => d["versions"]!["1.0.0"]!["deprecated"] = "old"),
            () => npm.PutAsync($"/-/package/{name}/dist-tags/next", "1.0.0"),
            () => npm.PutAsync("/-/user/v1/star", new JsonObject { ["package"] = name }),
            () => npm.UpdateRevisionAsync(name, d => d["versions"]!.AsObject().Remove("1.0.0")),
        })
        {
            using var before = await GetAsync(client, name, null);
            using var written = await write();
            using var after = await GetAsync(client, name, before.Headers.ETag);

            after.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await after.JsonAsync())["_rev"]!.GetValue<string>().ShouldBe((await written.ShouldBeOkAsync(name))!);
        }
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string name, EntityTagHeaderValue? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/{name}?write=true");
        request.Headers.Accept.ParseAdd("application/vnd.npm.install-v1+json");
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string path, byte[] body, string encoding = "gzip")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentEncoding.Add(encoding);
        return client.PutAsync(path, content);
    }
}
