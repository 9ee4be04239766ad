using Registry.Contracts.Http;
using Registry.PackageService.Storage;
using Registry.ServiceDefaults.Clients;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Registers what reading publish bodies needs.</summary>
internal static class PublishBodiesExtensions
{
    /// <summary>Adds <see cref="PublishBodyReader"/>, its options and the client of StorageService.</summary>
    public static void AddPublishBodies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PublishingOptions>()
            .BindConfiguration(PublishingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddServiceClient<StorageClient>(builder.Configuration, ServiceNames.Storage);
        builder.Services.AddTransient<PublishBodyReader>();
    }
}
