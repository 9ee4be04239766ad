using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Dialects;
using Registry.PackageService.Dialects.Native;
using Registry.PackageService.Dialects.Npm;
using Registry.PackageService.Dialects.Pantry;
using Registry.PackageService.Explaining;
using Registry.PackageService.Features.Access;
using Registry.PackageService.Features.Advisories;
using Registry.PackageService.Features.Changes;
using Registry.PackageService.Features.Collaborators;
using Registry.PackageService.Features.Deprecating;
using Registry.PackageService.Features.DistTags;
using Registry.PackageService.Features.Downloads;
using Registry.PackageService.Features.Eviction;
using Registry.PackageService.Features.Grants;
using Registry.PackageService.Features.Hooks;
using Registry.PackageService.Features.Maintaining;
using Registry.PackageService.Features.Packuments;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Features.SearchFeed;
using Registry.PackageService.Features.Starring;
using Registry.PackageService.Features.Unpublishing;
using Registry.PackageService.Features.Upstreams;
using Registry.PackageService.Features.UpstreamSearch;
using Registry.PackageService.Packages;
using Registry.PackageService.Peers;
using Registry.PackageService.Proxying;
using Registry.PackageService.Signing;
using Registry.ServiceDefaults.Clients;
using Registry.ServiceDefaults.Databases;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService;

/// <summary>What the service consists of.</summary>
internal static class PackageServiceExtensions
{
    /// <summary>Adds data, use cases, peers and health.</summary>
    /// <exception cref="InvalidOperationException">A required setting is missing.</exception>
    public static void AddPackages(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<PackageDbContext>(ServiceNames.Packages);
        builder.AddPublishBodies();

        var services = builder.Services;
        services.AddSingleton<PackageMetrics>();
        builder.AddMessaging(ServiceNames.Packages);
        builder.AddOutboxDispatcher<PackageDbContext>();
        services.AddOptions<PackumentOptions>().BindConfiguration(PackumentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PackumentCache>().AddSingleton<PackumentSources>().AddSingleton<CompleteVersions>().AddHostedService<CompletionWorker>();
        services.AddOptions<SigningOptions>().BindConfiguration(SigningOptions.Section)
            .Validate(static signing => string.IsNullOrEmpty(signing.Key) || SigningKey.TryImport(signing.Key) is not null, "Signing:Key is not the PEM text of a private P-256 key.")
            .ValidateOnStart();
        services.AddSingleton<SigningKeys>().AddScoped<ReadVersion>();
        services.AddScoped<PackageAccess>().AddScoped<ChangeLog>().AddScoped<PackageTransaction>();
        services.AddScoped<PublishedRows>().AddScoped<PublishAdmission>().AddScoped<PublishDecision>().AddScoped<PublishPackage>().AddScoped<PublishServices>();
        services.AddScoped<TarballReads>().AddScoped<ProxiedTarballAnswer>();
        builder.AddProxying();
        builder.AddUpstreams();
        services.AddScoped<Explanation>();
        services.AddSingleton<UpstreamAnswers>().AddScoped<SearchUpstreams>();
        services.AddScoped<EvictProxied>().AddHostedService<EvictionWorker>();
        services.AddSingleton<DownloadTotals>().AddScoped<ReadDownloads>().AddScoped<PackagePage>().AddHostedService<ForgetOldDownloads>();
        services.AddHooks();
        services.AddSingleton<WriteHookPayload>(static provider => async (found, publicUrl, cancellationToken) =>
            (await provider.GetRequiredService<PackumentSources>().WriteAsync(found.Package.Id, PackumentForm.Full, publicUrl, cancellationToken))?.Body.ToArray());
        services.AddScoped<DescribePackages>();
        services.AddSingleton<ChangesWatch>().AddScoped<ReadFeed>().AddScoped<FollowFeed>();
        services.AddScoped<FindAdvisories>().AddScoped<ChangeAdvisories>();
        services.AddScoped<PackageLists>().AddScoped<ListCollaborators>().AddScoped<ChangeAccess>().AddScoped<ChangeGrant>();
        services.AddScoped<PackageChange>().AddScoped<PackageUpdates>();
        services.AddScoped<MoveDistTags>().AddScoped<UnpublishPackage>().AddScoped<UnpublishVersions>().AddScoped<DeprecateVersions>();
        services.AddScoped<ChangeMaintainers>().AddScoped<StarPackage>().AddScoped<StarredPackages>().AddScoped<PublishBatch>();
        services.AddServiceClient<AuthClient>(builder.Configuration, ServiceNames.Auth);
        builder.AddPeerHealth(ServiceNames.Auth, ServiceNames.Storage);
    }

    /// <summary>Maps every dialect and the internal endpoints.</summary>
    public static void MapPackages(this IEndpointRouteBuilder routes)
    {
        routes.MapNpm();
        routes.MapPantry();
        routes.MapNative();
        var api = routes.MapGroup($"/{Contracts.Http.Dialects.Native}/api/v1");
        api.MapUpstreams();
        api.MapAdvisories();
        var services = routes.MapGroupWithoutEmptyValues();
        services.MapEviction();
        services.MapChanges();
        services.MapRevisions();
        services.MapDownloadBatches();
        services.MapSearchDocuments();
        services.MapUpstreamSearch();
    }
}
