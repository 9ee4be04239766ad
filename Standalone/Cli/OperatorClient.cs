using System.Text.Json;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Assertions;
using Registry.ServiceDefaults.Clients;
using Registry.Standalone.Folder;

namespace Registry.Standalone.Cli;

/// <summary>
/// Speaks to a running service with the operator's word: whoever can read the data directory's keys is one.
/// </summary>
internal sealed class OperatorClient : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(5); // comparing a large index takes a while
    private readonly ServiceProvider _services;
    private readonly HttpClient _client;
    private readonly string _title;

    /// <summary>A client of the service at an address.</summary>
    /// <param name="folder">The data directory with the keys.</param>
    /// <param name="address">Where the service listens.</param>
    /// <param name="service">Its name.</param>
    public OperatorClient(DataFolder folder, Uri address, string service = ServiceNames.Auth)
    {
        _title = $"{char.ToUpperInvariant(service[0])}{service[1..]}Service";
        var secrets = new Secrets(folder);
        using var codec = new AssertionCodec(
            Microsoft.Extensions.Options.Options.Create(new AssertionOptions { GatewayKey = secrets.GatewayKey, ServicesKey = secrets.ServicesKey }), TimeProvider.System);
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddHttpClient(nameof(OperatorClient))
            .ConfigurePrimaryHttpMessageHandler(static () => new ResetOnConnectHandler
            {
                InnerHandler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false },
            });
        _services = services.BuildServiceProvider();
        _client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(OperatorClient));
        _client.BaseAddress = address;
        _client.Timeout = AnswerLimit;
        _client.DefaultRequestHeaders.Add(InternalHeaders.Assertion, codec.SignService(ServiceNames.Operator, service));
    }

    /// <summary>A client of a service that runs on a data directory.</summary>
    /// <exception cref="RefusedException">None does.</exception>
    public static OperatorClient For(DataFolder folder, string service = ServiceNames.Auth)
    {
        var state = InstanceFile.Load(folder);
        return state.Supervisor is { } supervisor && supervisor.Process.IsAlive() && state.Ports.TryGetValue($"service-{service}", out var port)
            ? new OperatorClient(folder, new Uri($"http://127.0.0.1:{port}"), service)
            : throw new RefusedException($"The registry is not running on {folder.Root}: start it with ./registry up, or name another data directory with --data.");
    }

    /// <summary>Asks for something.</summary>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends a request and reads what is answered.</summary>
    /// <exception cref="RefusedException">The service refuses; its sentence says why.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<T>(RegistryJson.Options, cancellationToken))!;
    }

    /// <summary>Sends a request whose answer says no more than that it was done.</summary>
    /// <exception cref="RefusedException">The service refuses; its sentence says why.</exception>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, null, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _services.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: RegistryJson.Options);
        }

        try
        {
            var answer = await _client.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return answer;
            }

            using (answer)
            {
                throw new RefusedException(await SentenceAsync(answer, cancellationToken));
            }
        }
        catch (HttpRequestException silent)
        {
            throw new RefusedException($"{_title} does not answer: {silent.Message}");
        }
    }

    private async Task<string> SentenceAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return problem.RootElement.GetProperty("error").GetString()!;
        }
        catch (Exception unclear) when (unclear is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{_title} answered {(int)answer.StatusCode}.";
        }
    }
}
