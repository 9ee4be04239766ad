using System.Collections.Concurrent;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Registry.Upstreams.Tests.Loopback;

/// <summary>A real HTTP server on a loopback port that answers what a test tells it to, and remembers what it was asked.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<RecordedRequest> _requests = [];

    private LoopbackServer(WebApplication app) => _app = app;

    /// <summary>Its URL, without a slash at the end.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>When set, every request is answered by this, whatever it asks for.</summary>
    public RequestDelegate? Fault { get; set; }

    /// <summary>Starts one.</summary>
    /// <param name="certificate">The certificate to serve https with; null for http.</param>
    public static async Task<LoopbackServer> StartAsync(System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener =>
        {
            if (certificate is not null)
            {
                listener.UseHttps(certificate);
            }
        }));
        var server = new LoopbackServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers a target, exactly as it is sent, with JSON; <c>{url}</c> in it stands for this server's URL.</summary>
    public LoopbackServer Json(string target, string json) =>
        On(target, context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(json.Replace("{url}", Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        });

    /// <summary>Answers a target with bytes.</summary>
    public LoopbackServer Bytes(string target, byte[] bytes) => On(target, context => context.Response.Body.WriteAsync(bytes).AsTask());

    /// <summary>Answers a target.</summary>
    public LoopbackServer On(string target, RequestDelegate answer)
    {
        _answers[target] = answer;
        return this;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _requests.Enqueue(new RecordedRequest(target, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), context.Request.Protocol));
        var answer = Fault ?? _answers.GetValueOrDefault(target, static context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("not here");
        });
        return answer(context);
    }
}

/// <summary>A request a server got.</summary>
/// <param name="Target">The target, as sent.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Protocol">The version of HTTP it came over.</param>
public sealed record RecordedRequest(string Target, IReadOnlyDictionary<string, string> Headers, string Protocol);
