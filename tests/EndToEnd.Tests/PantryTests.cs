using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>The pantry seed's own curl lines and the shapes it promises (P09–P15, P21–P24).</summary>
public sealed class PantryTests(RegistryFixture fixture)
{
    private string Base => fixture.Registry.Npm;

    [Fact]
    public async Task The_multipart_line_of_the_seed_publishes_P21()
    {
        using var user = await fixture.SignedUpAsync("pantry-multipart");
        var tarball = await SaveAsync("pantry-one", "1.0.0");

        var published = await CurlAsync(
            "-X", "POST", $"{Base}/publish",
            "-H", $"Authorization: Bearer {user.Token}",
            "-F", """metadata={"name":"pantry-one","version":"1.0.0"}""",
            "-F", $"tarball=@{tarball}");

        published["success"]!.GetValue<bool>().ShouldBeTrue();
        published["message"]!.GetValue<string>().ShouldBe("Published pantry-one@1.0.0");
        await AnswersInTheSeedsShapesAsync("pantry-one", await File.ReadAllBytesAsync(tarball));
    }

    [Fact]
    public async Task The_JSON_line_of_the_seed_publishes_P22()
    {
        using var user = await fixture.SignedUpAsync("pantry-json");
        var tarball = await SaveAsync("pantry-two", "1.0.0");
        var body = $$"""{"metadata":{"name":"pantry-two","version":"1.0.0"},"tarball":"{{Convert.ToBase64String(await File.ReadAllBytesAsync(tarball))}}"}""";
        var bodyFile = Path.ChangeExtension(tarball, ".json");
        await File.WriteAllTextAsync(bodyFile, body);

        var published = await CurlAsync(
            "-X", "POST", $"{Base}/publish",
            "-H", $"Authorization: Bearer {user.Token}",
            "-H", "Content-Type: application/json",
            "-d", $"@{bodyFile}");

        published["success"]!.GetValue<bool>().ShouldBeTrue();
        await AnswersInTheSeedsShapesAsync("pantry-two", await File.ReadAllBytesAsync(tarball));
    }

    [Fact]
    public async Task The_tarball_part_may_come_first_and_a_second_publish_conflicts_K09()
    {
        using var user = await fixture.SignedUpAsync("pantry-order");
        var tarball = await SaveAsync("pantry-three", "1.0.0");
        string[] line =
        [
            "-X", "POST", $"{Base}/publish", "-H", $"Authorization: Bearer {user.Token}",
            "-F", $"tarball=@{tarball}", "-F", """metadata={"name":"pantry-three","version":"1.0.0"}""",
        ];

        (await CurlAsync(line))["success"]!.GetValue<bool>().ShouldBeTrue();
        var again = await CurlAsync([.. line, "-w", "\n%{http_code}"]);

        again["error"]!.GetValue<string>().ShouldContain("already exists", Case.Insensitive);
        again["status"]!.GetValue<int>().ShouldBe(409);
    }

    [Fact]
    public async Task Packages_named_like_pantry_routes_are_reachable_by_npm_K23()
    {
        using var npm = await fixture.SignedUpAsync("shadow");
        (await npm.RunAsync(npm.NewPackage("search", "1.0.0"), "publish")).ShouldSucceed();

        (await npm.RunAsync(npm.NewProject(), "install", "search")).ShouldSucceed();
    }

    [Fact]
    public async Task Health_answers_in_the_seeds_shape_P15()
    {
        using var client = RegistryProcess.NewClient();

        var health = await client.GetFromJsonAsync<JsonObject>($"{Base}/health");

        health!["status"]!.GetValue<string>().ShouldBe("ok");
        DateTimeOffset.TryParse(health["timestamp"]!.GetValue<string>(), out _).ShouldBeTrue();
    }

    private async Task AnswersInTheSeedsShapesAsync(string name, byte[] tarball)
    {
        using var client = RegistryProcess.NewClient();
        foreach (var path in (string[])[$"/packages/{name}", $"/packages/{name}/1.0.0"])
        {
            var package = (await client.GetFromJsonAsync<JsonObject>(Base + path))!;
            package["name"]!.GetValue<string>().ShouldBe(name);
            package["version"]!.GetValue<string>().ShouldBe("1.0.0");
            package["tarballUrl"]!.GetValue<string>().ShouldBe($"{Base}/packages/{name}/1.0.0/tarball");
            package["checksum"]!.GetValue<string>().ShouldBe($"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(tarball))}");
            package.ContainsKey("publishedAt").ShouldBeTrue();
            package.ContainsKey("error").ShouldBeFalse();
        }

        using var download = await client.GetAsync($"{Base}/packages/{name}/1.0.0/tarball");
        download.StatusCode.ShouldBe(HttpStatusCode.OK);
        download.Content.Headers.ContentType!.MediaType.ShouldBe("application/gzip");
        download.Content.Headers.ContentDisposition!.ToString().ShouldContain($"{name}-1.0.0.tgz");
        (await download.Content.ReadAsByteArrayAsync()).ShouldBe(tarball);

        var versions = await client.GetFromJsonAsync<JsonObject>($"{Base}/packages/{name}/versions");
        versions!["versions"]!.AsArray().Select(version => version!.GetValue<string>()).ShouldBe(["1.0.0"]);

        await Eventually.ShouldHoldAsync(async () => (await client.GetFromJsonAsync<JsonObject>($"{Base}/search?q={name}"))!["results"]!.AsArray()
                .Any(result => result!["name"]!.GetValue<string>() == name), "search finds the package", withinSeconds: 20);
    }

    private static async Task<string> SaveAsync(string name, string version)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("registry-pantry-").FullName, $"{name}-{version}.tgz");
        await File.WriteAllBytesAsync(path, TarballOf.Package(name, version));
        return path;
    }

    private static async Task<JsonNode> CurlAsync(params string[] arguments)
    {
        var result = (await Command.RunAsync("curl", ["-sS", .. arguments], Path.GetTempPath())).ShouldSucceed();
        return JsonNode.Parse(result.Output.Split('\n')[0])!;
    }
}
