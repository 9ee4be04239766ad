using Registry.Contracts.Http;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects;

/// <summary>The header of answers to writes.</summary>
internal static class ChangedHeader
{
    /// <summary>Tells the Gateway to forget what it remembers of the package before this answer leaves it.</summary>
    public static void MarkChanged(this HttpContext context, PackageName name) =>
        context.Response.Headers[InternalHeaders.Changed] = $"{context.GetMount().Repository}/{name}";
}
