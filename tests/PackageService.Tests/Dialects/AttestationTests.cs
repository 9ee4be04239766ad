using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Publishing.Tarballs;
using Registry.PackageService.Tests.Running;

namespace Registry.PackageService.Tests.Dialects;

public sealed class AttestationTests(PackageSystem system)
{
    private const string Provenance = "https://slsa.dev/provenance/v1";

    [Theory]
    [InlineData(true, "%40")]
    [InlineData(true, "@")]
    [InlineData(false, "")]
    public async Task What_is_attested_of_a_version_is_kept_and_shown(bool isScoped, string at)
    {
        var name = isScoped ? $"@{PackageSystem.NewName("s")}/x" : PackageSystem.NewName();
        var tarball = Tarball.Of(name, "1.0.0");
        var bundle = Bundle($"pkg:npm/{name.Replace("@", at, StringComparison.Ordinal)}@1.0.0", tarball);
        using var published = await PublishAsync(name, tarball, bundle.ToJsonString());

        var versions = new List<JsonNode>();
        foreach (var accept in new[] { null, "application/vnd.npm.install-v1+json" })
        {
            using var packument = await system.GetNpmAsync($"/{name}", ("Accept", accept));
            versions.Add((await packument.Content.ReadFromJsonAsync<JsonObject>())!["versions"]!["1.0.0"]!);
        }

        published.StatusCode.ShouldBe(HttpStatusCode.Created);
        versions.ShouldAllBe(version => version["dist"]!["attestations"]!["url"]!.GetValue<string>() == $"http://registry.test/-/npm/v1/attestations/{name}@1.0.0");
        versions.ShouldAllBe(version => version["dist"]!["attestations"]!["provenance"]!["predicateType"]!.GetValue<string>() == Provenance);
        foreach (var path in new[] { name, name.Replace("/", "%2f", StringComparison.Ordinal) })
        {
            using var response = await system.GetNpmAsync($"/-/npm/v1/attestations/{path}@1.0.0");
            var attestation = (await response.Content.ReadFromJsonAsync<JsonObject>())!["attestations"]!.AsArray().Single()!;
            attestation["predicateType"]!.GetValue<string>().ShouldBe(Provenance);
            JsonNode.DeepEquals(attestation["bundle"], bundle).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task What_is_not_there_or_hidden_is_404_and_nonsense_400()
    {
        var owner = await system.NewUserAsync();
        var (name, hidden) = (PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x");
        await system.PublishedAsync(owner, name);
        await system.PublishedAsync(owner, hidden, access: RequestedAccess.Default);

        foreach (var (path, status) in new[]
        {
            ($"{name}@1.0.0", 404), ($"{name}@9.9.9", 404), ($"{hidden}@1.0.0", 404), ("nobody-published-this@1.0.0", 404),
            (name, 400), ("@a/b", 400), ($"{name}@latest", 400), ("_x@1.0.0", 400), ("@1.0.0", 400),
        })
        {
            using var response = await system.GetNpmAsync($"/-/npm/v1/attestations/{path}");
            ((int)response.StatusCode).ShouldBe(status, path);
            (await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!.GetValue<string>().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task An_attestation_of_something_else_or_none_at_all_refuses_the_publish()
    {
        var name = PackageSystem.NewName();
        var tarball = Tarball.Of(name, "1.0.0");
        var good = $"pkg:npm/{name}@1.0.0";
        var withoutType = Statement(good, tarball);
        withoutType.Remove("predicateType");
        var twoSubjects = Statement(good, tarball);
        twoSubjects["subject"]!.AsArray().Add(twoSubjects["subject"]![0]!.DeepClone());

        foreach (var (bundle, code) in new[]
        {
            (Bundle($"pkg:npm/{name}@1.0.1", tarball).ToJsonString(), "invalid_attestation"),
            (Bundle($"pkg:npm/other@1.0.0", tarball).ToJsonString(), "invalid_attestation"),
            (Bundle(good, [1, 2, 3]).ToJsonString(), "invalid_attestation"),
            (Signed(withoutType).ToJsonString(), "invalid_attestation"),
            (Signed(twoSubjects).ToJsonString(), "invalid_attestation"),
            ("""{"dsseEnvelope":{"payload":"?"}}""", "invalid_attestation"),
            ("{}", "invalid_attestation"),
            ("[]", "invalid_json"),
            ("{", "invalid_json"),
            (new string(' ', 512 * 1024) + Bundle(good, tarball).ToJsonString(), "attestation_too_large"),
        })
        {
            using var response = await PublishAsync(name, tarball, bundle);
            ((int)response.StatusCode).ShouldBe(code == "attestation_too_large" ? 413 : 400, bundle.Trim());
            (await response.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>().ShouldBe(code);
        }

        using var absent = await system.GetNpmAsync($"/{name}");
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static JsonObject Statement(string subject, byte[] tarball) => new()
    {
        ["_type"] = "https://in-toto.io/Statement/v1",
        ["subject"] = new JsonArray(new JsonObject { ["name"] = subject, ["digest"] = new JsonObject { ["sha512"] = Convert.ToHexStringLower(SHA512.HashData(tarball)) } }),
        ["predicateType"] = Provenance,
        ["predicate"] = new JsonObject(),
    };

    private static JsonObject Signed(JsonObject statement) => new()
    {
        ["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
        ["verificationMaterial"] = new JsonObject { ["tlogEntries"] = new JsonArray(new JsonObject { ["integratedTime"] = "1700000000" }) },
        ["dsseEnvelope"] = new JsonObject
        {
            ["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(statement.ToJsonString())),
            ["payloadType"] = "application/vnd.in-toto+json",
            ["signatures"] = new JsonArray(new JsonObject { ["sig"] = "AA==", ["keyid"] = "" }),
        },
    };

    private static JsonObject Bundle(string subject, byte[] tarball) => Signed(Statement(subject, tarball));

    private async Task<HttpResponseMessage> PublishAsync(string name, byte[] tarball, string bundle)
    {
        // As libnpmpublish sends it: the bundle's text, not base64.
        var body = PublishBody.Npm(name, tarball: tarball, change: document => document["_attachments"]![$"{name}-1.0.0.sigstore"] = new JsonObject
        {
            ["content_type"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
            ["data"] = bundle,
            ["length"] = bundle.Length,
        });
        return await system.Npm(await system.NewUserAsync()).PutAsJsonAsync($"/{name}", body);
    }
}
