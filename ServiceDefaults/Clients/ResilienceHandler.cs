using System.Net;

using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Registry.ServiceDefaults.Clients;

/// <summary>
/// Bounds every call in time and repeats GET, HEAD and what is marked <see cref="Repeatable"/> twice when the other side could
/// not be reached, did not answer in time, or said 502, 503 or 504. Any other call is sent once. A call that streams a body of unknown length says so
/// with <see cref="Streaming"/> and bounds itself.
/// </summary>
public sealed class ResilienceHandler : DelegatingHandler
{
    /// <summary>Set to true on a request whose body is streamed: it may take as long as its sender makes progress.</summary>
    public static readonly HttpRequestOptionsKey<bool> Streaming = new("Registry.Streaming");

    /// <summary>Set to true on a request that may be sent again because asking twice is as good as asking once.</summary>
    public static readonly HttpRequestOptionsKey<bool> Repeatable = new("Registry.Repeatable");

    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(15);

    private static readonly ResiliencePipeline<HttpResponseMessage> Reads = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            UseJitter = true,
            ShouldHandle = static attempt => ValueTask.FromResult(IsTransient(attempt.Outcome)),
        })
        .AddTimeout(AttemptLimit)
        .Build();

    private static readonly ResiliencePipeline<HttpResponseMessage> Writes =
        new ResiliencePipelineBuilder<HttpResponseMessage>().AddTimeout(WriteLimit).Build();

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(Streaming, out var streaming) && streaming)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var pipeline = MayRepeat(request) ? Reads : Writes;
        try
        {
            return await pipeline.ExecuteAsync(
                static async (state, token) => await state.Self.SendOnceAsync(state.Request, token),
                (Self: this, Request: request),
                cancellationToken);
        }
        catch (TimeoutRejectedException late)
        {
            throw new TimeoutException("The other service did not answer in time.", late);
        }
    }

    /// <summary>The other side, or what is behind it, is away.</summary>
    internal static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static bool MayRepeat(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || (request.Options.TryGetValue(Repeatable, out var repeatable) && repeatable);

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException || (outcome.Result is { } answer && IsTransient(answer.StatusCode));

    private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);
}
