using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What an account keeps of itself: tokens, its profile, a second factor.</summary>
[Trait("Category", "clients")]
public sealed partial class CredentialTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "token", MemberType = typeof(Matrix))]
    public Task Creates_a_limited_token_and_revokes_it(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "token", async (client, account) =>
        {
            var project = client.NewProject();
            string[] limits = client.Client is { Family: "npm", Major: >= 11 }
                ? ["--name=matrix", "--packages-all", "--packages-and-scopes-permission=read-only", "--expires=7", "--cidr=127.0.0.0/8"]
                : ["--read-only", "--cidr=127.0.0.0/8"];
            var created = (await client.SayOnTerminalAsync(project, ["token", "create", .. limits], new Reply("assword", Account.Password))).ShouldSucceed();
            var secret = Account.Secret().Match(created.Output).Value;
            using var http = RegistryProcess.NewClient();
            http.BaseAddress = account.Http.BaseAddress;
            http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            (await StatusAsync(http, HttpMethod.Get, "-/whoami")).ShouldBe(HttpStatusCode.OK);
            (await StatusAsync(http, HttpMethod.Put, account.Name)).ShouldBe(HttpStatusCode.Forbidden);
            (await client.SayAsync(project, "token", "list")).ShouldSucceed();
            (await client.SayAsync(project, "token", "revoke", secret)).ShouldSucceed();

            (await StatusAsync(http, HttpMethod.Get, "-/whoami")).ShouldBe(HttpStatusCode.Unauthorized);
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "profile", MemberType = typeof(Matrix))]
    public Task Reads_and_changes_the_profile(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "profile", async (client, account) =>
        {
            var project = client.NewProject();
            (await client.SayAsync(project, "profile", "get")).ShouldSucceed().Output.ShouldContain(account.Name);
            (await client.SayAsync(project, "profile", "set", "fullname", "Ada Lovelace")).ShouldSucceed();

            (await client.SayAsync(project, "profile", "get", "fullname")).ShouldSucceed().Output.ShouldContain("Ada Lovelace");
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "two-factor", MemberType = typeof(Matrix))]
    public Task Turns_a_second_factor_on_and_off(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "two-factor", async (client, account) =>
        {
            var project = client.NewProject();
            var shared = "";
            var enabled = (await client.SayOnTerminalAsync(project, ["profile", "enable-2fa", "auth-and-writes"],
                new("assword", Account.Password),
                new("authenticator: ", shown => OneTimeCode.Now(shared = SharedSecret().Match(shown).Groups[1].Value)))).ShouldSucceed();
            var recovery = RecoveryCode().Matches(enabled.Output[enabled.Output.IndexOf("recovery codes", StringComparison.Ordinal)..]).Select(static code => code.Groups[1].Value).ToList();

            var package = client.NewPackage(account.Name, "1.0.0");
            (await client.PublishAsync(package)).ShouldFail();
            (await client.PublishAsync(package, "--otp", OneTimeCode.Next(shared))).ShouldSucceed(); // the first code is used up
            (await client.SayOnTerminalAsync(project, ["profile", "disable-2fa", "--otp", recovery[0]], new Reply("assword", Account.Password))).ShouldSucceed();
            (await client.PublishAsync(client.NewPackage(account.Name, "1.1.0"))).ShouldSucceed();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-otp", MemberType = typeof(Matrix))]
    public Task Publishes_with_a_second_factor_on_its_command_line(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-otp", async (client, account) =>
        {
            var codes = await account.DemandSecondFactorAsync();
            var package = client.NewPackage(account.Name, "1.0.0");
            (await client.PublishAsync(package, "--otp", "000000")).ShouldFail();
            (await account.PackumentAsync(account.Name)).ShouldBeNull();
            (await client.PublishAsync(package, "--otp", codes[0])).ShouldSucceed();

            (await account.PackumentAsync(account.Name)).ShouldNotBeNull();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "publish-otp-asked", MemberType = typeof(Matrix))]
    public Task Publishes_with_a_second_factor_that_it_asks_for(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "publish-otp-asked", async (client, account) =>
        {
            var codes = await account.DemandSecondFactorAsync();
            var package = client.NewPackage(account.Name, "1.0.0");
            (await client.PublishOnTerminalAsync(package, client.SecondFactor("000000"))).ShouldFail();
            (await client.PublishOnTerminalAsync(package, client.SecondFactor(codes[0]))).ShouldSucceed();

            (await account.PackumentAsync(account.Name)).ShouldNotBeNull();
        });

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = method == HttpMethod.Put ? JsonContent.Create(TarballOf.NpmDocument(path, "1.0.0", TarballOf.Package(path, "1.0.0"))) : null;
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    [GeneratedRegex(@"enter code:?\s+([A-Z2-7]{16,})", RegexOptions.IgnoreCase)]
    private static partial Regex SharedSecret();

    [GeneratedRegex(@"^\s+([0-9A-Za-z-]{8,})\s*$", RegexOptions.Multiline)]
    private static partial Regex RecoveryCode();
}
