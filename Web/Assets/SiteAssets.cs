using System.Security.Cryptography;

using Microsoft.AspNetCore.Http.HttpResults;

namespace Registry.Web.Assets;

/// <summary>
/// The style sheet and the icon, carried inside the assembly. Their addresses contain a hash of their content, so browsers may keep
/// them for ever and a new release is seen at once.
/// </summary>
internal static class SiteAssets
{
    private const string Immutable = "public, max-age=31536000, immutable";

    private static readonly byte[] Stylesheet = Read("site.css");
    private static readonly byte[] Icon = Read("favicon.svg");

    /// <summary>Path of the style sheet.</summary>
    public static string StylesheetPath { get; } = $"/assets/site.{HashOf(Stylesheet)}.css";

    /// <summary>Path of the icon.</summary>
    public static string IconPath { get; } = $"/assets/favicon.{HashOf(Icon)}.svg";

    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(StylesheetPath, (HttpContext context) => Send(context, Stylesheet, "text/css; charset=utf-8", Immutable));
        routes.MapGet(IconPath, (HttpContext context) => Send(context, Icon, "image/svg+xml", Immutable));
        routes.MapGet("/favicon.svg", (HttpContext context) => Send(context, Icon, "image/svg+xml", "public, max-age=86400"));
    }

    private static FileContentHttpResult Send(HttpContext context, byte[] content, string contentType, string caching)
    {
        context.Response.Headers.CacheControl = caching;
        return TypedResults.Bytes(content, contentType);
    }

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..16];

    private static byte[] Read(string name)
    {
        using var resource = typeof(SiteAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is not in the assembly.");
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
