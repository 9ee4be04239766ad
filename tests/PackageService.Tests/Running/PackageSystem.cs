using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using Registry.AuthService;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.StorageService;
using Registry.Testing;

[assembly: AssemblyFixture(typeof(Registry.PackageService.Tests.Running.PackageSystem))]

namespace Registry.PackageService.Tests.Running;

/// <summary>PackageService on a real database, with the real AuthService and StorageService beside it; shared by all tests.</summary>
public sealed class PackageSystem : IAsyncLifetime
{
    private readonly string _blobs = Directory.CreateTempSubdirectory("registry-blobs-").FullName;
    private TestDatabase? _authDatabase;
    private ServiceHost? _auth;
    private ServiceHost? _storage;

    internal TestDatabase Database { get; private set; } = null!;

    internal ServiceHost Packages { get; private set; } = null!;

    /// <summary>What another PackageService beside this one needs.</summary>
    internal Dictionary<string, string?> Settings => new()
    {
        ["ConnectionStrings:packages"] = Database.ConnectionString,
        ["ConnectionStrings:rabbitmq"] = "amqp://nobody:nothing@127.0.0.1:1", // events stay in the outbox, where tests look for them
        ["services:auth:http:0"] = _auth!.Address.ToString(),
        ["services:storage:http:0"] = _storage!.Address.ToString(),
    };

    public async ValueTask InitializeAsync()
    {
        _authDatabase = await TestDatabase.CreateAsync();
        Database = await TestDatabase.CreateAsync();
        var auth = new Dictionary<string, string?>
        {
            ["ConnectionStrings:auth"] = _authDatabase.ConnectionString,
            ["Assertions:GatewayKey"] = TestKeys.Gateway,
            ["Assertions:ServicesKey"] = TestKeys.Services,
        };
        await AuthServiceApp.MigrateAsync([], auth);
        _auth = await ServiceHost.StartAsync(ServiceNames.Auth, AuthServiceApp.Build, auth);
        _storage = await ServiceHost.StartAsync(
            ServiceNames.Storage, StorageServiceApp.Build, new Dictionary<string, string?> { ["Storage:Path"] = _blobs });
        await PackageServiceApp.MigrateAsync([], Settings);
        Packages = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { Packages, _storage, _auth, Database, _authDatabase })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        Directory.Delete(_blobs, recursive: true);
    }

    /// <summary>One more PackageService, with settings of its own on top.</summary>
    internal Task<ServiceHost> StartAsync(params (string Key, string? Value)[] settings)
    {
        var all = Settings;
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return ServiceHost.StartAsync(ServiceNames.Packages, PackageServiceApp.Build, all);
    }

    /// <summary>An account that exists in AuthService.</summary>
    internal async Task<Caller> NewUserAsync(bool isAdministrator = false)
    {
        using var client = _auth!.ClientForService(ServiceNames.Gateway);
        var name = NewName("user");
        using var response = await client.PostAsJsonAsync(
            AuthRoutes.Accounts, new CreateAccountRequest(name, null, $"{name}@example.test", isAdministrator));
        response.EnsureSuccessStatusCode();
        var account = (await response.Content.ReadFromJsonAsync<CreateAccountResponse>())!.Account;
        return TestKeys.User(name, isAdministrator) with { UserId = account.Id };
    }

    /// <summary>An organisation of a new account, whose role and teams are in the caller as introspection would tell.</summary>
    internal async Task<(string Scope, Caller Owner)> NewOrganisationAsync()
    {
        var (scope, owner) = (NewName("org"), await NewUserAsync());
        using var client = _auth!.ClientFor(owner, TestKeys.Mount(Contracts.Http.Dialects.Native));
        using var founded = await client.PostAsJsonAsync("/api/v1/organisations", new { name = scope });
        founded.EnsureSuccessStatusCode();
        return (scope, await InTeamAsync(owner, scope, "developers"));
    }

    /// <summary>Works as npm org and npm team do.</summary>
    internal async Task PutOnAuthAsync(Caller caller, string path, object body)
    {
        using var client = _auth!.ClientFor(caller, TestKeys.Mount(Contracts.Http.Dialects.Npm));
        using var response = await client.PutAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The caller with a team more.</summary>
    internal async Task<Caller> InTeamAsync(Caller caller, string scope, string team)
    {
        using var client = _auth!.ClientForService(ServiceNames.Packages);
        var path = AuthRoutes.Team.Replace("{scope}", scope, StringComparison.Ordinal).Replace("{team}", team, StringComparison.Ordinal);
        var found = await client.GetFromJsonAsync<TeamResponse>(path, ServiceDefaults.RegistryJson.Options);
        return caller with { TeamIds = [.. caller.TeamIds, found!.Team.Id] };
    }

    internal HttpClient Native(Caller? caller = null) => Packages.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Native));

    internal HttpClient Npm(Caller? caller = null) => Packages.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm));

    internal HttpClient Pantry(Caller? caller = null) => Packages.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Pantry));

    /// <summary>Asks anonymously, with the path as it is written.</summary>
    internal async Task<HttpResponseMessage> GetNpmAsync(string path, params (string Name, string? Value)[] headers)
    {
        using var client = Npm();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(client.BaseAddress + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request);
    }

    /// <summary>A name no other test uses.</summary>
    internal static string NewName(string prefix = "pkg") => $"{prefix}{Guid.CreateVersion7():n}";

    /// <summary>Publishes through the use case, without a body and its tarball.</summary>
    internal async Task<PublishOutcome> PublishAsync(
        PublishCommand command, Caller caller, string? session = null, ServiceHost? host = null, string repository = "main")
    {
        await using var scope = (host ?? Packages).Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PublishPackage>()
            .ExecuteAsync(command, new Publisher(repository, caller, session), null, CancellationToken.None);
    }

    /// <summary>Publishes and expects it to work.</summary>
    internal async Task<string> PublishedAsync(Caller caller, string name, string version = "1.0.0", string tag = "latest", RequestedAccess access = RequestedAccess.Public)
    {
        var outcome = await PublishAsync(Command(name, version, tag) with { Access = access }, caller);
        return outcome.ShouldBeOfType<PublishOutcome.Published>().Rev;
    }

    /// <summary>A command as the body reader makes it.</summary>
    internal static PublishCommand Command(string name, string version = "1.0.0", string tag = "latest", string content = "", JsonObject? manifest = null)
    {
        var bytes = Encoding.UTF8.GetBytes($"{name}@{version} {content}");
        var all = manifest ?? new JsonObject { ["description"] = "A package" };
        all["name"] = name;
        all["version"] = version;
        return new PublishCommand(
            PackageName.Parse(name),
            SemVersion.Parse(version),
            DistTagName.Parse(tag),
            all,
            new StoredTarball(
                $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}",
                bytes.Length,
                $"sha512-{Convert.ToBase64String(SHA512.HashData(bytes))}",
                "0123456789012345678901234567890123456789",
                2,
                42));
    }
}
