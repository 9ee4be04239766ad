using System.Collections.Concurrent;
using System.Net.Http.Json;

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Contracts.Http.Packages;
using Registry.Gateway.Caching;
using Registry.Messaging.Changes;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.Gateway.Tests.Harness;

/// <summary>The Gateway with its real server on free ports, in front of wire-level peers.</summary>
public sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly List<Backend> _backends = [];
    private ServiceHost _host = null!;

    public Backend Auth { get; private set; } = null!;

    public Backend Packages { get; private set; } = null!;

    public Backend Storage { get; private set; } = null!;

    public Backend Search { get; private set; } = null!;

    public Backend Web { get; private set; } = null!;

    public Uri WebAddress { get; private set; } = null!;

    public Uri NpmAddress { get; private set; } = null!;

    public Uri LoftAddress { get; private set; } = null!;

    /// <summary>The feed of changes that PackageService would serve.</summary>
    public Feed Feed { get; } = new();

    /// <summary>What AuthService says about a credential.</summary>
    public Func<IntrospectRequest, IntrospectResponse> Introspect { get; set; } =
        request => new IntrospectResponse(request.Secret.StartsWith("good", StringComparison.Ordinal) ? TestKeys.User("alice") : Caller.Rejected);

    /// <summary>What AuthService says about a second factor.</summary>
    public Func<SecondFactorRequest, SecondFactorResponse> CheckCode { get; set; } =
        request => new SecondFactorResponse(request.Code.StartsWith("good", StringComparison.Ordinal));

    /// <summary>The second factors that AuthService was asked about.</summary>
    public ConcurrentQueue<SecondFactorRequest> CodesAsked { get; } = new();

    public IServiceProvider Services => _host.Services;

    internal AnswerMemory Memory => Services.GetRequiredService<AnswerMemory>();

    public IEnumerable<Backend> Backends => _backends;

    public static async Task<GatewayUnderTest> StartAsync(params (string Key, string? Value)[] settings)
    {
        var gateway = new GatewayUnderTest();
        gateway.Auth = await gateway.StartBackendAsync(ServiceNames.Auth);
        gateway.Packages = await gateway.StartBackendAsync(ServiceNames.Packages, gateway.Feed.AnswerAsync);
        gateway.Storage = await gateway.StartBackendAsync(ServiceNames.Storage);
        gateway.Search = await gateway.StartBackendAsync(ServiceNames.Search);
        gateway.Web = await gateway.StartBackendAsync(ServiceNames.Web);
        gateway.Auth.Answer = gateway.AnswerIntrospectionAsync;
        var all = new Dictionary<string, string?>
        {
            ["Gateway:Listeners:web:Address"] = "http://127.0.0.1:0",
            ["Gateway:Listeners:npm:Address"] = "http://127.0.0.1:0",
            ["Gateway:Listeners:loft:Address"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Critical",
            ["ConnectionStrings:rabbitmq"] = "", // most tests need none; whoever does names it
        };
        foreach (var backend in gateway._backends)
        {
            all[$"services:{backend.Name}:http:0"] = backend.Address.ToString();
        }

        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        await gateway.StartHostAsync(all);
        return gateway;
    }

    /// <summary>Waits until the memory may answer.</summary>
    public Task UntilConfirmedAsync() => Eventually.ShouldHoldAsync(() => Services.GetRequiredService<ChangesFollower>().IsConfirmedWithin(TimeSpan.FromSeconds(1)), "the follower is confirmed");

    public HttpClient Client(Uri address)
    {
#pragma warning disable RS0030 // tests own their clients
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
#pragma warning restore RS0030
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        foreach (var backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }

    private async Task StartHostAsync(Dictionary<string, string?> settings)
    {
        _host = await ServiceHost.StartAsync(ServiceNames.Gateway, GatewayApp.Build, settings);
        var bound = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        (WebAddress, NpmAddress, LoftAddress) = (bound[0], bound[1], bound[2]);
    }

    private async Task<Backend> StartBackendAsync(string name, Func<HttpContext, Task<bool>>? ownQuestions = null)
    {
        var backend = await Backend.StartAsync(name, ownQuestions);
        _backends.Add(backend);
        return backend;
    }

    private async Task AnswerIntrospectionAsync(HttpContext context)
    {
        if (context.Request.Path == AuthRoutes.Introspect)
        {
            var request = await context.Request.ReadFromJsonAsync<IntrospectRequest>(RegistryJson.Options);
            await context.Response.WriteAsJsonAsync(Introspect(request!), RegistryJson.Options);
        }
        else if (context.Request.Path == AuthRoutes.SecondFactor)
        {
            var request = await context.Request.ReadFromJsonAsync<SecondFactorRequest>(RegistryJson.Options);
            CodesAsked.Enqueue(request!);
            await context.Response.WriteAsJsonAsync(CheckCode(request!), RegistryJson.Options);
        }
        else if (context.Request.Path == AuthRoutes.SecondFactorPages)
        {
            await context.Response.WriteAsJsonAsync(new SecondFactorPageResponse("/-/v1/login/page", "/-/v1/login/done/secret"), RegistryJson.Options);
        }
    }
}

/// <summary>A feed of changes in memory.</summary>
public sealed class Feed
{
    private readonly Lock _gate = new();
    private readonly List<Change> _changes = [];

    public Guid Epoch { get; set; } = Guid.CreateVersion7();

    /// <summary>What stands for the upstreams.</summary>
    public string? Upstreams { get; set; }

    /// <summary>Answer no question about it.</summary>
    public bool IsSilent { get; set; }

    public long Add(string repository, string package)
    {
        lock (_gate)
        {
            _changes.Add(new Change(_changes.Count + 1, DateTimeOffset.UnixEpoch, repository, package, PackageChangeKind.Published, null));
            return _changes.Count;
        }
    }

    public async Task<bool> AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != PackageRoutes.Changes)
        {
            return false;
        }

        if (IsSilent)
        {
            context.Abort();
            return true;
        }

        ChangesPage page;
        lock (_gate)
        {
            var after = context.Request.Query["after"] is [{ } text] ? long.Parse(text, null) : _changes.Count;
            page = new ChangesPage(Epoch, _changes.Count, _changes.Count, [.. _changes.Skip((int)after)], Upstreams);
        }

        await context.Response.WriteAsJsonAsync(page, RegistryJson.Options);
        return true;
    }
}
