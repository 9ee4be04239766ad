using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>An account of the registry and what a test does with it over plain HTTP, where that is not what it is about.</summary>
public sealed partial class Account : IDisposable
{
    /// <summary>The password of every account.</summary>
    public const string Password = "correct horse battery";

    private readonly RegistryProcess _registry;

    private Account(RegistryProcess registry, string name)
    {
        _registry = registry;
        Name = name;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>An access token of its own.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Plain HTTP with its token.</summary>
    public HttpClient Http { get; } = RegistryProcess.NewClient();

    /// <summary>Signs up under a name.</summary>
    public static async Task<Account> SignUpAsync(RegistryProcess registry, string name)
    {
        var account = new Account(registry, name);
        account.Http.BaseAddress = new Uri($"{registry.Npm}/");
        using var answer = await account.Http.PutAsJsonAsync(
            $"-/user/org.couchdb.user:{name}", new { name, password = Password, email = $"{name}@example.test", type = "user", roles = Array.Empty<string>() });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        account.Token = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["token"]!.GetValue<string>();
        account.Http.DefaultRequestHeaders.Authorization = new("Bearer", account.Token);
        return account;
    }

    /// <summary>Another account of the same registry.</summary>
    public Task<Account> AnotherAsync(string suffix) => SignUpAsync(_registry, $"{Name}-{suffix}");

    /// <summary>Publishes a package: a manifest, a module and a file in a folder.</summary>
    public async Task PublishAsync(string name, string version, string access = "public", string tag = "latest", JsonObject? dependencies = null)
    {
        var manifest = new JsonObject { ["name"] = name, ["version"] = version, ["description"] = $"{name} for a test", ["dependencies"] = dependencies?.DeepClone() ?? new JsonObject() };
        var tarball = TarballOf.Package(manifest, FilesOf(name, version));
        var document = TarballOf.NpmDocument(name, version, tarball, document =>
        {
            document["access"] = access;
            document["dist-tags"] = new JsonObject { [tag] = version };
            document["versions"]![version]!["dependencies"] = dependencies?.DeepClone() ?? new JsonObject();
        });
        using var answer = await Http.PutAsJsonAsync(Escape(name), document);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The files of a package of <see cref="PublishAsync"/> besides its manifest.</summary>
    public static (string Path, byte[] Content)[] FilesOf(string name, string version) =>
    [
        ("package/index.js", System.Text.Encoding.UTF8.GetBytes($"module.exports = '{name}@{version}';\n")),
        ("package/lib/deep.txt", "deep\n"u8.ToArray()),
    ];

    /// <summary>The packument as the account sees it; null when it sees none.</summary>
    public async Task<JsonNode?> PackumentAsync(string name)
    {
        using var answer = await Http.GetAsync(Escape(name));
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A JSON document below the registry's URL.</summary>
    public async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>Makes the account's scope an organisation with a second member.</summary>
    public async Task MakeOrganisationAsync(string scope, string member)
    {
        using var answer = await Http.PutAsJsonAsync($"-/org/{scope}/user", new { user = member, role = "developer" });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Demands a second factor for every write of the account, and gives its recovery codes.</summary>
    public async Task<IReadOnlyList<string>> DemandSecondFactorAsync()
    {
        var begun = await ChangeProfileAsync(new { tfa = new { password = Password, mode = "auth-and-writes" } });
        var secret = SharedSecret().Match(begun["tfa"]!.GetValue<string>()).Groups[1].Value;
        var done = await ChangeProfileAsync(new { tfa = new[] { OneTimeCode.Now(secret) } });
        return [.. done["tfa"]!.AsArray().Select(static code => code!.GetValue<string>())];
    }

    /// <summary>A package's name in a path.</summary>
    public static string Escape(string name) => name.Replace("/", "%2f", StringComparison.Ordinal);

    /// <summary>An access token in what a command prints.</summary>
    [GeneratedRegex("reg_[A-Za-z0-9_-]+")]
    public static partial Regex Secret();

    private async Task<JsonNode> ChangeProfileAsync(object change)
    {
        using var answer = await Http.PostAsJsonAsync("-/npm/v1/user", change);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    [GeneratedRegex("secret=([A-Z2-7]+)")]
    private static partial Regex SharedSecret();

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();
}
