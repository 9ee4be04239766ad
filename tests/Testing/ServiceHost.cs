using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Http;

namespace Registry.Testing;

/// <summary>
/// One service, built by its own method from settings, listening on a free loopback port with the real server. Its
/// clients sign assertions the way the Gateway and the services do.
/// </summary>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _service;

    private ServiceHost(WebApplication app, string service, Uri address)
    {
        _app = app;
        _service = service;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its container, for looking inside.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Builds and starts a service.</summary>
    /// <param name="service">Its name: one of <see cref="ServiceNames"/>.</param>
    /// <param name="build">Its build method, for example <c>AuthServiceApp.Build</c>.</param>
    /// <param name="settings">Settings beside the keys and the address.</param>
    public static async Task<ServiceHost> StartAsync(
        string service,
        Func<string[], IEnumerable<KeyValuePair<string, string?>>?, WebApplication> build,
        IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var all = new Dictionary<string, string?>(TestKeys.Settings)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Drain:Delay"] = "00:00:00", // nobody else sends requests here
            ["Logging:LogLevel:Default"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:MassTransit"] = nameof(LogLevel.Error), // many tests have no broker on purpose
        };
        foreach (var (key, value) in settings ?? [])
        {
            all[key] = value;
        }

        var app = build([], all);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new ServiceHost(app, service, new Uri(address));
    }

    /// <summary>A client whose requests are a user's, through a mount.</summary>
    public HttpClient ClientFor(Caller caller, MountContext mount) =>
        Client(() => TestKeys.Codec.SignUser([_service], caller, mount, "127.0.0.1"));

    /// <summary>A client whose requests are another service's.</summary>
    public HttpClient ClientForService(string issuer) => Client(() => TestKeys.Codec.SignService(issuer, _service));

    /// <summary>A client without any assertion.</summary>
    public HttpClient ClientForStranger() => Client(null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private HttpClient Client(Func<string>? assertion)
    {
#pragma warning disable RS0030 // tests own their clients
        return new HttpClient(new AssertingHandler(assertion)) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
#pragma warning restore RS0030
    }

    private sealed class AssertingHandler(Func<string>? assertion)
        : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (assertion is not null)
            {
                request.Headers.Add(InternalHeaders.Assertion, assertion());
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
