using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using Registry.ServiceDefaults.Tls;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>Makes Elasticsearch the engine of search.</summary>
internal static class ElasticsearchExtensions
{
    /// <summary>Adds the index in the Elasticsearch that <c>ConnectionStrings:elasticsearch</c> names.</summary>
    public static void AddElasticsearchIndex(this WebApplicationBuilder builder, string connectionString)
    {
        var services = builder.Services;
        services.AddOptions<ElasticsearchOptions>().BindConfiguration(ElasticsearchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services
            .AddHttpClient<ElasticsearchClient>((provider, http) =>
                ElasticsearchClient.Configure(http, connectionString, provider.GetRequiredService<IOptions<ElasticsearchOptions>>().Value.ApiKey))
            .ConfigurePrimaryHttpMessageHandler(() => NewHandler(PrivateCa.Load(builder.Configuration[PrivateCa.Setting])));
        services.AddSingleton<ElasticsearchIndex>();
        services.AddSingleton<ISearchIndex>(provider => provider.GetRequiredService<ElasticsearchIndex>());
        services.AddHealthChecks().AddCheck<ElasticsearchHealth>("index", HealthStatus.Unhealthy);
    }

    private static SocketsHttpHandler NewHandler(PrivateCa? authorities)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        authorities?.Configure(handler);
        return handler;
    }
}
