using System.Net.Security;
using System.Text.Json;

using Registry.ServiceDefaults.Clients;

namespace Registry.Standalone.Hosting;

/// <summary>Asks services how they are.</summary>
internal sealed class HealthProbe(HttpClient client)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>A probe with a client of its own kind: loopback, no proxy.</summary>
    public static HealthProbe Create(IServiceProvider services) => new(services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HealthProbe)));

    /// <summary>The container a probe comes from.</summary>
    public static ServiceProvider CreateServices()
    {
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddHttpClient(nameof(HealthProbe))
            .ConfigurePrimaryHttpMessageHandler(static () => new ResetOnConnectHandler
            {
                InnerHandler = new SocketsHttpHandler
                {
                    UseProxy = false,
                    UseCookies = false,
                    AllowAutoRedirect = false,

                    // Our own listeners, asked by address for a word: what their certificate is called does not matter.
                    SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
                },
            });
        return services.BuildServiceProvider();
    }

    /// <summary>The word a service says of itself; <c>unreachable</c> when it says nothing.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(bool IsReady, string Word)> AskAsync(string address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var answer = await client.GetAsync(new Uri($"{address}/health"), limit.Token);
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(limit.Token));
            var word = document.RootElement.TryGetProperty("status", out var status) ? status.GetString() : null;
            return (answer.IsSuccessStatusCode, word ?? "unknown");
        }
        catch (Exception silent) when (silent is HttpRequestException or JsonException
            || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (false, "unreachable");
        }
    }

    /// <summary>The process at this address serves, whatever state it is in.</summary>
    public async Task<bool> IsAliveAsync(string address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var answer = await client.GetAsync(new Uri($"{address}/alive"), limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Waits until all of them are ready.</summary>
    /// <exception cref="RefusedException">One is not, within <paramref name="limit"/>.</exception>
    public async Task WaitAsync(IReadOnlyDictionary<string, string[]> addresses, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit);
        foreach (var (name, address) in addresses.SelectMany(static service => service.Value.Select(address => (service.Key, address))))
        {
            while (await AskAsync(address, cancellationToken) is (false, var word))
            {
                if (deadline.IsCancellationRequested)
                {
                    throw new RefusedException($"The {name} service is not healthy after {limit.TotalSeconds:0} s ({word}): see its log.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }
}
