using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>The answer to a write that worked. Never an empty body: npm 6 to 8 read every one of them as JSON (npm protocol 1.5).</summary>
internal static class WriteAnswer
{
    public static IResult Ok(HttpContext context, PackageName name, string? rev, int status = StatusCodes.Status200OK)
    {
        context.MarkChanged(name);
        return TypedResults.Json(new Document(true, name.Value, rev, true), ServiceDefaults.RegistryJson.Options, statusCode: status);
    }

    private sealed record Document(bool Ok, string Id, string? Rev, bool Success);
}
