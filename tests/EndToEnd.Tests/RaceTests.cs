using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>Several publishers at once.</summary>
public sealed class RaceTests(RegistryFixture fixture)
{
    private const int Rounds = 50;

    [Fact]
    public async Task Of_two_publishers_of_one_version_exactly_one_wins_in_every_round()
    {
        using var user = await fixture.SignedUpAsync("racer");
        using var client = RegistryFixture.HttpFor(user);
        (await PublishAsync(client, "raced", "0.0.0", Variant("raced", "0.0.0", 0))).ShouldBe(HttpStatusCode.OK);

        for (var round = 1; round <= Rounds; round++)
        {
            var version = $"1.0.{round}";
            byte[][] variants = [Variant("raced", version, 1), Variant("raced", version, 2)];
            var answers = await Task.WhenAll(variants.Select(variant => PublishAsync(client, "raced", version, variant)));

            answers.ShouldBe([HttpStatusCode.OK, HttpStatusCode.Forbidden], ignoreOrder: true, $"round {round}");
            var winner = variants[Array.IndexOf(answers, HttpStatusCode.OK)];
            (await client.GetByteArrayAsync($"{fixture.Registry.Npm}/raced/-/raced-{version}.tgz")).ShouldBe(winner);
        }
    }

    [Fact]
    public async Task The_loser_does_not_take_away_the_winners_blob()
    {
        using var user = await fixture.SignedUpAsync("same-bytes");
        using var client = RegistryFixture.HttpFor(user);
        var tarball = Variant("same-bytes", "1.0.0", 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PublishAsync(client, "same-bytes", "1.0.0", tarball)));

        answers.Count(answer => answer == HttpStatusCode.OK).ShouldBe(1);
        (await client.GetByteArrayAsync($"{fixture.Registry.Npm}/same-bytes/-/same-bytes-1.0.0.tgz")).ShouldBe(tarball);
    }

    [Fact]
    public async Task Twenty_publishers_of_different_versions_all_survive()
    {
        using var user = await fixture.SignedUpAsync("many-versions");
        using var client = RegistryFixture.HttpFor(user);
        var versions = Enumerable.Range(1, 20).Select(minor => $"1.{minor}.0").ToList();

        var answers = await Task.WhenAll(versions.Select(version => PublishAsync(client, "many-versions", version, Variant("many-versions", version, 1))));

        answers.ShouldAllBe(answer => answer == HttpStatusCode.OK);
        var packument = JsonNode.Parse(await client.GetStringAsync($"{fixture.Registry.Npm}/many-versions"))!;
        packument["versions"]!.AsObject().Select(version => version.Key).ShouldBe(versions, ignoreOrder: true);
    }

    private static byte[] Variant(string name, string version, int salt) =>
        TarballOf.Package(
            new JsonObject { ["name"] = name, ["version"] = version },
            ("package/salt.txt", Encoding.UTF8.GetBytes($"{salt} {Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(salt)))}")));

    private async Task<HttpStatusCode> PublishAsync(HttpClient client, string name, string version, byte[] tarball)
    {
        using var body = new StringContent(TarballOf.NpmDocument(name, version, tarball).ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync($"{fixture.Registry.Npm}/{name}", body);
        return answer.StatusCode == HttpStatusCode.Created ? HttpStatusCode.OK : answer.StatusCode;
    }
}
