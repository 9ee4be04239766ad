using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.AuthService.Data;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.AuthService.Tests.Hosting;

/// <summary>AuthService with a database of its own, and requests to it as the Gateway and the services send them.</summary>
public sealed class AuthHost : IAsyncDisposable
{
    public const string Password = "correct horse battery";
    private static int _counter;

    private readonly TestDatabase _database;
    private readonly ServiceHost _host;
    private readonly HttpClient _client;

    private AuthHost(TestDatabase database, ServiceHost host)
    {
        _database = database;
        _host = host;
        _client = host.ClientForStranger();
    }

    public IServiceProvider Services => _host.Services;

    public string ConnectionString => _database.ConnectionString;

    public Uri Address => _host.Address;

    /// <summary>Starts the service, open to sign-up on loopback unless the settings say otherwise.</summary>
    public static async Task<AuthHost> StartAsync(params (string Key, string? Value)[] settings)
    {
        var database = await TestDatabase.CreateMigratedAsync(
            ServiceNames.Auth, static connection => AuthServiceApp.MigrateAsync([], [new("ConnectionStrings:auth", connection), .. TestKeys.Settings]));
        var all = new Dictionary<string, string?>
        {
            ["ConnectionStrings:auth"] = database.ConnectionString,
            ["ConnectionStrings:rabbitmq"] = "amqp://nobody:nothing@127.0.0.1:1", // events stay in the outbox, where tests look for them
            ["Accounts:Exposed"] = "false",
            ["Accounts:PasswordIterations"] = "100000",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new AuthHost(database, await ServiceHost.StartAsync(ServiceNames.Auth, AuthServiceApp.Build, all));
    }

    /// <summary>Another replica on the same database.</summary>
    public Task<ServiceHost> StartReplicaAsync(params (string Key, string? Value)[] settings) =>
        ServiceHost.StartAsync(
            ServiceNames.Auth,
            AuthServiceApp.Build,
            settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)).Append(new("ConnectionStrings:auth", ConnectionString)));

    /// <summary>A name no other test has.</summary>
    public static string NewName(string stem = "user") => $"{stem}{Interlocked.Increment(ref _counter)}";

    /// <summary>An address no other test has.</summary>
    public static string NewAddress()
    {
        var n = Interlocked.Increment(ref _counter);
        return $"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}";
    }

    /// <summary>A request of a client of the registry.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        object? body = null,
        Caller? caller = null,
        string? address = null,
        string dialect = Dialects.Npm,
        IReadOnlyDictionary<string, string>? headers = null) =>
        SendWithAsync(
            TestKeys.Codec.SignUser([ServiceNames.Auth], caller ?? Caller.Anonymous, TestKeys.Mount(dialect), address ?? NewAddress()), method, path, body, headers);

    /// <summary>A request of a service.</summary>
    public Task<HttpResponseMessage> SendInternalAsync(HttpMethod method, string path, object? body = null) =>
        SendWithAsync(TestKeys.Codec.SignService(ServiceNames.Packages, ServiceNames.Auth), method, path, body);

    /// <summary>A request without an assertion.</summary>
    public Task<HttpResponseMessage> SendBareAsync(HttpMethod method, string path, object? body = null) => SendWithAsync(null, method, path, body);

    /// <summary>Logs in, or signs up, as npm does.</summary>
    public Task<HttpResponseMessage> LogInAsync(string name, string password = Password, string? address = null) =>
        SendAsync(HttpMethod.Put, $"/-/user/org.couchdb.user:{name}", UserDocument(name, password), address: address);

    /// <summary>Signs up and returns the access token.</summary>
    public async Task<string> SignUpAsync(string name, string password = Password)
    {
        using var response = await LogInAsync(name, password);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return (await JsonOf(response)).GetProperty("token").GetString()!;
    }

    /// <summary>Signs up by our own interface, with whatever else the body is to say.</summary>
    public Task<HttpResponseMessage> SignUpNativelyAsync(string name, object more)
    {
        var body = more as Dictionary<string, object?>
            ?? more.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(more));
        body["name"] = name;
        body["password"] = Password;
        return SendAsync(HttpMethod.Post, "/api/v1/accounts", body, dialect: Dialects.Native);
    }

    /// <summary>Introspects a credential as the Gateway does.</summary>
    public async Task<IntrospectResponse> IntrospectAsync(string secret, string? userName = null, string? address = null)
    {
        using var response = await SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Introspect, new IntrospectRequest(secret, userName, address ?? NewAddress()));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<IntrospectResponse>(RegistryJson.Options))!;
    }

    /// <summary>Makes an account and returns it as the caller its token would be.</summary>
    public async Task<Caller> CallerAsync(string name) => (await IntrospectAsync(await SignUpAsync(name))).Caller;

    /// <summary>Works on the database itself.</summary>
    internal async Task<T> WithDatabaseAsync<T>(Func<AuthDbContext, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }

    /// <summary>The bodies of the events in the outbox that tell of a credential.</summary>
    public Task<int> CountEventsAsync(string credentialId) =>
        WithDatabaseAsync(db => db.Database.SqlQuery<int>(
            $"SELECT count(*)::int AS \"Value\" FROM outbox WHERE type = 'AccessTokenRevoked' AND body->>'credentialId' = {credentialId}").SingleAsync());

    public static object UserDocument(string name, string? password) => new Dictionary<string, object?>
    {
        ["_id"] = $"org.couchdb.user:{name}",
        ["name"] = name,
        ["password"] = password,
        ["email"] = $"{name}@example.test",
        ["type"] = "user",
        ["roles"] = Array.Empty<string>(),
        ["date"] = "2026-01-01T00:00:00.000Z",
    };

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).Clone();

    /// <summary>The sentence clients print.</summary>
    public static async Task<string> SentenceOf(HttpResponseMessage response) => (await JsonOf(response)).GetProperty("error").GetString()!;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<HttpResponseMessage> SendWithAsync(
        string? assertion, HttpMethod method, string path, object? body, IReadOnlyDictionary<string, string>? headers = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (assertion is not null)
        {
            request.Headers.Add(InternalHeaders.Assertion, assertion);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, options: RegistryJson.Options),
        };
        return await _client.SendAsync(request);
    }
}

/// <summary>One open registry for the tests of a class, each with its own names and addresses.</summary>
public sealed class OpenRegistry : IAsyncLifetime
{
    public AuthHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await AuthHost.StartAsync(("Accounts:SignUp", "open"), ("SecondFactor:Key", "a key for tests, of some length"));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
