namespace Registry.PackageService.Dialects;

/// <summary>Groups of HTTP methods.</summary>
internal static class Methods
{
    public static readonly string[] Read = ["GET", "HEAD"];
}
