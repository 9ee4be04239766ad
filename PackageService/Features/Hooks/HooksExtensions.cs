using Microsoft.Extensions.Options;

namespace Registry.PackageService.Features.Hooks;

/// <summary>Registers hooks.</summary>
internal static class HooksExtensions
{
    /// <summary>Adds changing hooks, and telling them.</summary>
    public static void AddHooks(this IServiceCollection services)
    {
        services.AddOptions<HooksOptions>().BindConfiguration(HooksOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<HookConnections>().AddScoped<ChangeHooks>().AddScoped<SendHook>().AddHostedService<HookWorker>();
        services
            .AddHttpClient<HookClient>(static (provider, client) =>
                client.Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<HooksOptions>>().Value.TimeoutSeconds))
            .ConfigurePrimaryHttpMessageHandler(static provider => provider.GetRequiredService<HookConnections>().NewHandler());
    }
}
