namespace Registry.PackageService.Proxying;

/// <summary>Registers what finds packages elsewhere.</summary>
internal static class ProxyingExtensions
{
    /// <summary>Adds the upstreams, what is kept of them, and the way from one to the next.</summary>
    public static void AddProxying(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<UpstreamDirectory>().AddSingleton<PackumentFetch>().AddSingleton<ParsedPackuments>().AddSingleton<ProxiedPackuments>().AddSingleton<ProxiedTarballs>();
        services.AddSingleton<TarballDownloader>();
        services.AddSingleton<UsageLog>().AddHostedService(static provider => provider.GetRequiredService<UsageLog>());
        services.AddScoped<FallThrough>();
    }
}
