using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using Registry.ServiceDefaults.Clients;

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
            .ConfigurePrimaryHttpMessageHandler(() => Connections.NewHandler(builder.Configuration, TimeSpan.FromSeconds(3)));
        services.AddSingleton<ElasticsearchIndex>();
        services.AddSingleton<ISearchIndex>(provider => provider.GetRequiredService<ElasticsearchIndex>());
        services.AddHealthChecks().AddCheck<ElasticsearchHealth>("index", HealthStatus.Unhealthy);
    }
}
