using System.Collections.Concurrent;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>
/// A receiver of OTLP over HTTP that keeps each span's trace id and a line about it. It reads just enough of the
/// protobuf encoding (opentelemetry-proto trace.proto): length-delimited fields and their numbers.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _spans = new();
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>What to set <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> to.</summary>
    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Starts on a free port.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", async (HttpContext context) =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver.ReadTraces(body.ToArray());
        });
        app.MapPost("/v1/{other}", () => Results.Ok());
        await app.StartAsync();
        return receiver;
    }

    /// <summary>A line for each span of a trace that has arrived: name, then its text attributes.</summary>
    public IReadOnlyCollection<string> SpansOf(string traceId) => _spans.TryGetValue(traceId, out var spans) ? spans : [];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IEnumerable<(int Field, byte[] Value)> Fields(byte[] message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var key = (int)ReadVarint(message, ref at);
            switch (key & 7)
            {
                case 0: ReadVarint(message, ref at); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                default:
                    var length = (int)ReadVarint(message, ref at);
                    yield return (key >> 3, message[at..(at + length)]);
                    at += length;
                    break;
            }
        }
    }

    private static ulong ReadVarint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private void ReadTraces(byte[] request)
    {
        // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2.
        foreach (var (_, span) in Fields(request).Where(f => f.Field == 1)
            .SelectMany(resource => Fields(resource.Value).Where(f => f.Field == 2))
            .SelectMany(scope => Fields(scope.Value).Where(f => f.Field == 2)))
        {
            ReadSpan(span);
        }
    }

    private void ReadSpan(byte[] span)
    {
        // Span.trace_id = 1, name = 5, attributes = 9 (KeyValue.key = 1, value = 2).
        var fields = Fields(span).ToList();
        var trace = Convert.ToHexStringLower(fields.First(f => f.Field == 1).Value);
        var line = new StringBuilder(Encoding.UTF8.GetString(fields.First(f => f.Field == 5).Value));
        foreach (var (_, attribute) in fields.Where(f => f.Field == 9))
        {
            line.Append(' ').Append(string.Join('=', Fields(attribute).Select(f => Encoding.UTF8.GetString(f.Value))));
        }

        _spans.GetOrAdd(trace, _ => new ConcurrentQueue<string>()).Enqueue(line.ToString());
    }
}
