using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Signing;

public sealed class SignatureTests(PackageSystem system)
{
    [Fact]
    public async Task Every_document_of_a_version_carries_a_signature_that_holds()
    {
        var (user, name) = (await system.NewUserAsync(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "2.0.0-rc.1", "next");
        var keys = (await ReadAsync(system.Packages, "/-/npm/v1/keys"))["keys"]!.AsArray();

        var documents = new[]
        {
            await ReadAsync(system.Packages, $"/{name}"),
            await ReadAsync(system.Packages, $"/{name}", "application/vnd.npm.install-v1+json"),
        };
        var versions = documents.SelectMany(document => document["versions"]!.AsObject().Select(version => version.Value!)).ToList();
        versions.Add(await ReadAsync(system.Packages, $"/{name}/next"));

        versions.Count.ShouldBe(5);
        versions.ShouldAllBe(version => IsSignedBy(keys, version));
        versions.Where(version => Text(version, "version") == "2.0.0-rc.1").Select(version => version["dist"]!["signatures"]!.ToJsonString()).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_keys_are_what_npm_reads_and_are_not_told_to_be_kept()
    {
        using var client = system.Npm();
        using var response = await client.GetAsync("/-/npm/v1/keys");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/-/npm/v1/keys"));

        var key = (await response.Content.ReadFromJsonAsync<JsonObject>())!["keys"]!.AsArray().Single()!.AsObject();
        key.Select(member => member.Key).ShouldBe(["expires", "keyid", "keytype", "scheme", "key"]);
        key["expires"].ShouldBeNull();
        (Text(key, "keytype"), Text(key, "scheme")).ShouldBe(("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"));
        Text(key, "keyid").ShouldBe($"SHA256:{Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Text(key, "key")))).TrimEnd('=')}");
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Replicas_share_the_key_that_was_made_and_another_one_ends_it_without_ending_what_it_signed()
    {
        await using var database = await TestDatabase.CreateAsync();
        await PackageServiceApp.MigrateAsync([], new Dictionary<string, string?> { ["ConnectionStrings:packages"] = database.ConnectionString });
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        var own = ("ConnectionStrings:packages", (string?)database.ConnectionString);
        var replicas = await Task.WhenAll(system.StartAsync(own), system.StartAsync(own));
        await using var one = replicas[0];
        await using var two = replicas[1];

        var shared = await Task.WhenAll(replicas.Select(replica => ReadAsync(replica, "/-/npm/v1/keys")));
        await system.PublishAsync(PackageSystem.Command(name), user, host: one);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var rotated = await system.StartAsync(own, ("Signing:Key", next.ExportPkcs8PrivateKeyPem()));
        await system.PublishAsync(PackageSystem.Command(name, "2.0.0"), user, host: rotated);
        var keys = (await ReadAsync(two, "/-/npm/v1/keys"))["keys"]!.AsArray();
        var versions = (await ReadAsync(two, $"/{name}"))["versions"]!;

        shared[0].ToJsonString().ShouldBe(shared[1].ToJsonString());
        keys.Select(key => key!["expires"] is null).ShouldBe([true, false]);
        Text(keys[0]!, "key").ShouldBe(Convert.ToBase64String(next.ExportSubjectPublicKeyInfo()));
        DateTimeOffset.Parse(Text(keys[1]!, "expires"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(TimeProvider.System.GetUtcNow());
        IsSignedBy([keys[1]!.DeepClone()], versions["1.0.0"]!).ShouldBeTrue();
        IsSignedBy([keys[0]!.DeepClone()], versions["2.0.0"]!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("not a key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----")]
    public async Task A_key_that_cannot_sign_is_refused_at_start(string key)
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => system.StartAsync(("Signing:Key", key)));

        failure.Message.ShouldContain("Signing:Key");
    }

    [Fact]
    public async Task A_key_of_another_curve_is_refused_at_start()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        await Should.ThrowAsync<OptionsValidationException>(() => system.StartAsync(("Signing:Key", key.ExportPkcs8PrivateKeyPem())));
    }

    /// <summary>Checks a version as a client does: from what the documents say, with no code of ours.</summary>
    private static bool IsSignedBy(JsonArray keys, JsonNode version)
    {
        var signature = version["dist"]!["signatures"]!.AsArray().Single()!;
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Text(keys.Single(one => Text(one!, "keyid") == Text(signature, "keyid"))!, "key")), out _);
        var message = $"{Text(version, "name")}@{Text(version, "version")}:{Text(version["dist"]!, "integrity")}";
        return key.VerifyData(
            Encoding.UTF8.GetBytes(message), Convert.FromBase64String(Text(signature, "sig")), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();

    private static async Task<JsonObject> ReadAsync(ServiceHost host, string path, string? accept = null)
    {
        using var client = host.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
