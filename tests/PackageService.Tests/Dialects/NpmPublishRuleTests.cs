using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Dialects;

/// <summary>Rules of publishing and reading over raw HTTP that no other class has (npm protocol 3.3, 3.4, section 6).</summary>
public sealed class NpmPublishRuleTests(PackageSystem system)
{
    public static TheoryData<string, Action<JsonObject>> Refused => new(NpmWriteTests.WrongDocuments.Where(static row => row.Data.Item1 != "not a publish"))
    {
        { "another _id", d => d["_id"] = "another" },
        { "a v before the version", d => d["versions"]!["1.0.0"]!["version"] = "v1.0.0" },
        { "a leading zero", d => d["versions"]!["1.0.0"]!["version"] = "01.0.0" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refused_version_leaves_a_package_that_is_there_as_it_was(string what, Action<JsonObject> spoil)
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name, "0.9.0");
        using var before = await system.GetNpmAsync($"/{name}");

        using var refused = await PutAsync(user, name, PublishBody.Npm(name, change: spoil));

        ((int)refused.StatusCode).ShouldBeInRange(400, 422, what);
        using var after = await system.GetNpmAsync($"/{name}");
        (await after.Content.ReadAsStringAsync()).ShouldBe(await before.Content.ReadAsStringAsync());
        after.Headers.ETag.ShouldBe(before.Headers.ETag);
        using var tarball = await system.GetNpmAsync($"/{name}/-/{name}-1.0.0.tgz");
        tarball.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_the_tarball_says_of_itself_counts_and_not_what_the_body_says_of_it()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var inside = new JsonObject
        {
            ["name"] = name,
            ["version"] = "1.0.0",
            ["dependencies"] = new JsonObject { ["good"] = "^1.0.0" },
            ["scripts"] = new JsonObject { ["postinstall"] = "node x" },
        };
        var body = PublishBody.Npm(name, tarball: Tarball.Of(inside), change: d => d["versions"]!["1.0.0"]!["dependencies"] = new JsonObject { ["evil"] = "*" });

        using var published = await PutAsync(user, name, body);

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await VersionAsync(name, "application/json"))["dependencies"]!.ToJsonString().ShouldBe("""{"good":"^1.0.0"}""");
        var abbreviated = await VersionAsync(name, "application/vnd.npm.install-v1+json");
        (abbreviated["dependencies"]!.ToJsonString(), abbreviated["hasInstallScript"]!.GetValue<bool>()).ShouldBe(("""{"good":"^1.0.0"}""", true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_tag_a_version_becomes_the_latest(bool hasMember)
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());

        using var published = await PutAsync(user, name, PublishBody.Npm(name, change: d =>
        {
            d.Remove("dist-tags");
            if (hasMember)
            {
                d["dist-tags"] = new JsonObject();
            }
        }));
        using var tags = await system.GetNpmAsync($"/-/package/{name}/dist-tags");

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await tags.Content.ReadAsStringAsync()).ShouldBe("""{"latest":"1.0.0"}""");
    }

    [Fact]
    public async Task Where_a_client_thinks_the_tarball_is_and_what_it_calls_it_is_ignored()
    {
        var (user, scope) = (await system.NewUserAsync(), PackageSystem.NewName("s"));
        var name = $"@{scope}/x";
        var body = PublishBody.Npm(name, change: d =>
        {
            var attachments = d["_attachments"]!.AsObject();
            var tarball = attachments.First().Value!.DeepClone();
            attachments.Clear();
            attachments[$"{scope}-x-1.0.0.tgz"] = tarball; // as old versions of bun name it
            d["versions"]!["1.0.0"]!["dist"]!["tarball"] = "http://http://x/y.tgz";
        });
        using var client = system.Npm(user);

        using var published = await client.PutAsJsonAsync($"/{name}", body); // with its slash as it is

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await VersionAsync(name, "application/json"))["dist"]!["tarball"]!.GetValue<string>().ShouldBe($"http://registry.test/{name}/-/x-1.0.0.tgz");
    }

    [Theory]
    [InlineData("JSON-{name}")]
    [InlineData("-{name}-")]
    [InlineData("@{name}/_x")]
    [InlineData("{name}!")]
    public async Task Names_that_registries_once_took_are_new_names_where_the_registry_says_so(string form)
    {
        await using var legacy = await system.StartAsync(("Publishing:NewNames", "legacy"));
        var (user, name) = (await system.NewUserAsync(), form.Replace("{name}", PackageSystem.NewName(), StringComparison.Ordinal));
        using var client = legacy.ClientFor(user, TestKeys.Mount(Contracts.Http.Dialects.Npm));

        using var refused = await PutAsync(user, name, PublishBody.Npm(name));
        using var published = await client.PutAsJsonAsync($"/{name.Replace("/", "%2f", StringComparison.Ordinal)}", PublishBody.Npm(name));

        await refused.ShouldBeRefusedAsync(400, "invalid_name");
        published.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Scoped_packages_are_public_at_first_where_the_registry_says_so()
    {
        await using var open = await system.StartAsync(("Publishing:DefaultScopedAccess", "public"));
        var (user, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        using var client = open.ClientFor(user, TestKeys.Mount(Contracts.Http.Dialects.Npm));

        using var published = await client.PutAsJsonAsync($"/{name.Replace("/", "%2f", StringComparison.Ordinal)}", PublishBody.Npm(name, change: static d => d.Remove("access")));
        using var packument = await system.GetNpmAsync($"/{name}");

        (published.StatusCode, packument.StatusCode).ShouldBe((HttpStatusCode.Created, HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("/{name}")]
    [InlineData("/{name}/1.0.0")]
    [InlineData("/{name}/-/{name}-1.0.0.tgz")]
    [InlineData("/-/package/{name}/dist-tags")]
    public async Task A_credential_that_is_not_valid_reads_what_everyone_may_read_and_is_told_of_it(string path)
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        using var rejected = system.Npm(Caller.Rejected);

        using var answer = await rejected.GetAsync(path.Replace("{name}", name, StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("npm-notice").ShouldHaveSingleItem().ShouldNotBeNullOrWhiteSpace();
        answer.Headers.Contains(InternalHeaders.Cacheable).ShouldBeFalse();
    }

    [Fact]
    public async Task A_credential_that_is_not_valid_does_not_see_what_is_restricted()
    {
        var (user, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(user, name, access: RequestedAccess.Restricted);
        using var rejected = system.Npm(Caller.Rejected);

        using var answer = await rejected.GetAsync($"/{name}");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"versions":{}}""")]
    [InlineData("""{"versions":{"1.0.0":{}}}""")]
    [InlineData("""{"users":{}}""")]
    public async Task A_stranger_learns_nothing_of_a_hidden_package_by_changing_it(string body)
    {
        var (owner, stranger, scope) = (await system.NewUserAsync(), await system.NewUserAsync(), PackageSystem.NewName("s"));
        await system.PublishedAsync(owner, $"@{scope}/hidden", access: RequestedAccess.Restricted);
        using var client = system.Npm(stranger);

        foreach (var name in new[] { "hidden", "absent" })
        {
            using var answer = await client.PutAsync($"/@{scope}%2f{name}/-rev/1-x", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            await answer.ShouldBeRefusedAsync(404, "package_not_found");
        }
    }

    [Theory]
    [InlineData("PUT", "/team/acme")]
    [InlineData("DELETE", "/team/acme/crew")]
    [InlineData("POST", "/left-pad")]
    [InlineData("DELETE", "/left-pad")]
    [InlineData("DELETE", "/left-pad/-/left-pad-1.0.0.tgz")]
    [InlineData("GET", "/x/y/z/w")]
    public async Task What_a_package_does_not_have_is_404_as_json_whatever_is_accepted(string method, string path)
    {
        using var client = system.Npm(await system.NewUserAsync());
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd("text/html");

        using var answer = await client.SendAsync(request);

        await answer.ShouldBeRefusedAsync(404, "not_supported");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    private async Task<JsonNode> VersionAsync(string name, string accept)
    {
        using var answer = await system.GetNpmAsync($"/{name}", ("Accept", accept));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["versions"]!["1.0.0"]!;
    }

    private async Task<HttpResponseMessage> PutAsync(Caller caller, string name, JsonObject document)
    {
        using var client = system.Npm(caller);
        return await client.PutAsJsonAsync($"/{name.Replace("/", "%2f", StringComparison.Ordinal)}", document);
    }
}
