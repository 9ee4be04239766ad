using System.Diagnostics;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Registry.ServiceDefaults;

/// <summary>
/// Traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; nothing otherwise. The exporter
/// reads endpoint, protocol and headers from the <c>OTEL_*</c> variables itself.
/// </summary>
public static class Telemetry
{
    /// <summary>Setting that is false where several services share a process: sources are process-wide, so one host exports for all.</summary>
    public const string SharedProcessSetting = "Telemetry:ExportsForProcess";

    private static readonly string[] Sources =
        ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Yarp.ReverseProxy", "Registry.*"];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.RateLimiting", "System.Net.Http",
        "System.Net.NameResolution", "System.Runtime", "Npgsql", "MassTransit", "Microsoft.EntityFrameworkCore", "registry.*",
    ];

    /// <summary>Adds the exporters.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        var resource = ResourceBuilder.CreateDefault()
            .AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? serviceName, serviceNamespace: "registry");
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.SetResourceBuilder(resource);
            logging.IncludeScopes = true;
            logging.AddOtlpExporter();
        });
        if (!builder.Configuration.GetValue(SharedProcessSetting, true))
        {
            return;
        }

        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource).AddSource(Sources).AddProcessor(new HiddenTokens()).AddOtlpExporter().Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build());
        builder.Services.AddHostedService<TelemetryLifetime>();
    }

    /// <summary>Names server spans by route and service, where anybody records them: the framework leaves both to an instrumentation package.</summary>
    internal static IApplicationBuilder UseSpanNames(this IApplicationBuilder app, string serviceName) =>
        app.Use((context, next) => Activity.Current is { } activity && activity.Source.HasListeners() ? NamedAsync(context, next, activity, serviceName) : next(context));

    private static async Task NamedAsync(HttpContext context, RequestDelegate next, Activity activity, string serviceName)
    {
        activity.SetTag("registry.service", serviceName);
        try
        {
            await next(context);
        }
        finally
        {
            Describe(activity, context, serviceName);
        }
    }

    private static void Describe(Activity activity, HttpContext context, string serviceName)
    {
        if (!activity.IsAllDataRequested)
        {
            return;
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = route is null ? $"{serviceName} {context.Request.Method}" : $"{serviceName} {context.Request.Method} {route}";
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>Creates the providers when the host starts and flushes them when it stops.</summary>
    private sealed class TelemetryLifetime(TracerProvider tracer, MeterProvider meter) : IHostedService
    {
        private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(3);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            tracer.ForceFlush((int)FlushTimeout.TotalMilliseconds);
            meter.ForceFlush((int)FlushTimeout.TotalMilliseconds);
            return Task.CompletedTask;
        }
    }
}
