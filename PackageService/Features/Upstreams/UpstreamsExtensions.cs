using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using Registry.PackageService.Proxying;

namespace Registry.PackageService.Features.Upstreams;

/// <summary>Registers the administration of upstreams.</summary>
internal static class UpstreamsExtensions
{
    /// <summary>Adds changing them, watching them, and saying what is wrong with their configuration.</summary>
    public static void AddUpstreams(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<ProxyOptions>, UsableUpstreams>();
        services.AddScoped<ChangeUpstreams>().AddHostedService<WatchUpstreams>();
        services.AddHealthChecks().AddCheck<UpstreamsHealth>("upstreams", HealthStatus.Degraded);
    }
}

/// <summary>A file of upstreams that cannot be used keeps the service from starting: it would answer "not found" for what an upstream has.</summary>
internal sealed class UsableUpstreams : IValidateOptions<ProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxyOptions options) =>
        UpstreamFile.Read(options, UpstreamFile.None).Problem is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
}

/// <summary>Degraded while the upstreams are not as they were written; whether they answer is their own affair.</summary>
internal sealed class UpstreamsHealth(UpstreamDirectory directory) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(directory.Problem is null
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The upstreams are not as they were written; the log and GET /api/v1/upstreams say why"));
}
