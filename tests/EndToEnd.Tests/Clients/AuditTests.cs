using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What a client asks of an installed tree: whether it is known to be harmful, and whether the registry vouches for it.</summary>
[Trait("Category", "clients")]
public sealed class AuditTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "audit", MemberType = typeof(Matrix))]
    public Task Audits_a_tree_before_and_after_an_advisory(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "audit", async (client, account) =>
        {
            var project = await InstalledAsync(client, account);
            (await client.SayAsync(project, "audit")).ShouldSucceed();
            await AdviseAsync(account.Name, key);

            var told = await client.SayAsync(project, "audit");
            told.Everything.ShouldContain($"Breaks {key}");
            if (key != "npm-8") // it loses its exit code under newer versions of Node.js
            {
                told.ShouldFail();
            }
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "audit-signatures", MemberType = typeof(Matrix))]
    public Task Verifies_the_signatures_of_a_tree(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "audit-signatures", async (client, account) =>
            (await client.SayAsync(await InstalledAsync(client, account), "audit", "signatures")).ShouldSucceed().Everything.ShouldContain("verified"));

    /// <summary>What the clients that ask a public trust root would compute (protocol 3.9).</summary>
    [Fact]
    public async Task Every_version_is_signed_with_a_published_key()
    {
        using var account = await Account.SignUpAsync(fixture.Registry, "signed");
        await account.PublishAsync("@signed/package", "1.0.0");
        await account.PublishAsync("@signed/package", "1.1.0");
        var keys = (await account.GetAsync("-/npm/v1/keys"))["keys"]!.AsArray();
        var versions = (await account.PackumentAsync("@signed/package"))!["versions"]!.AsObject();

        foreach (var (version, manifest) in versions)
        {
            var signature = manifest!["dist"]!["signatures"]!.AsArray().ShouldHaveSingleItem()!;
            var published = Convert.FromBase64String(keys.Single(key => key!["keyid"]!.GetValue<string>() == signature["keyid"]!.GetValue<string>())!["key"]!.GetValue<string>());
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(published, out _);
            signature["keyid"]!.GetValue<string>().ShouldBe($"SHA256:{Convert.ToBase64String(SHA256.HashData(published)).TrimEnd('=')}");
            key.VerifyData(
                Encoding.UTF8.GetBytes($"@signed/package@{version}:{manifest["dist"]!["integrity"]!.GetValue<string>()}"),
                Convert.FromBase64String(signature["sig"]!.GetValue<string>()),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence).ShouldBeTrue();
        }
    }

    /// <summary>Puts in an advisory against every version of a package, as an administrator does.</summary>
    private async Task AdviseAsync(string package, string key)
    {
        var administrator = $"advises-{key}";
        (await fixture.Registry.RunAsync("user", "add", administrator, "--admin")).ShouldSucceed();
        var created = (await fixture.Registry.RunAsync("token", "create", administrator)).ShouldSucceed();
        using var http = RegistryProcess.NewClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Account.Secret().Match(created.Output).Value);
        using var answer = await http.PutAsJsonAsync(
            $"{fixture.Registry.Web}/api/v1/advisories/{1000 + PinnedClient.All.Select(static client => client.Key).ToList().IndexOf(key)}",
            new { package, title = $"Breaks {key}", url = "https://advisories.example.test/1", severity = "high", vulnerableVersions = "<2.0.0", patchedVersions = ">=2.0.0" });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> InstalledAsync(ClientUnderTest client, Account account)
    {
        await account.PublishAsync(account.Name, "1.0.0");
        var project = client.NewProject();
        (await client.AddAsync(project, account.Name)).ShouldSucceed();
        return project;
    }
}
