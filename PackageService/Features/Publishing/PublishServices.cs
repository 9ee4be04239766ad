namespace Registry.PackageService.Features.Publishing;

/// <summary>The two steps of a publish, for the dialects: read the body, then publish what was read.</summary>
internal sealed record PublishServices(PublishBodyReader Reader, PublishPackage Publish);
