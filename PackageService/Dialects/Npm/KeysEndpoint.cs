using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Signing;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /-/npm/v1/keys</c>: what <c>npm audit signatures</c> checks signatures with (npm protocol 3.9).</summary>
internal static class KeysEndpoint
{
    private const string Algorithm = "ecdsa-sha2-nistp256";

    public static void MapKeys(this IEndpointRouteBuilder npm) => npm.MapMethods("/-/npm/v1/keys", Methods.Read, GetKeysAsync);

    private static async Task<IResult> GetKeysAsync(HttpContext context, SigningKeys keys, PackageDbContext db, CancellationToken cancellationToken)
    {
        await keys.CurrentAsync(cancellationToken); // there is one before the first version is published
        var all = await db.SigningKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).ThenBy(k => k.KeyId).ToListAsync(cancellationToken);
        return DocumentAnswer.Send(context, isPublic: true, all.Max(k => k.CreatedAt), writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys");
            foreach (var key in all)
            {
                writer.WriteStartObject();
                writer.WriteString("expires", key.ExpiresAt is { } end ? VersionDocument.TextOf(end) : null);
                writer.WriteString("keyid", key.KeyId);
                writer.WriteString("keytype", Algorithm);
                writer.WriteString("scheme", Algorithm);
                writer.WriteBase64String("key", key.PublicKey);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }
}
