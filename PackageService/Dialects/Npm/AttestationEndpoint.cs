using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /-/npm/v1/attestations/{name}@{version}</c>: what was attested about a version (npm protocol 3.9).</summary>
internal static class AttestationEndpoint
{
    public static void MapAttestations(this IEndpointRouteBuilder npm) =>
        npm.MapMethods("/-/npm/v1/attestations/{nameAndVersion}", Methods.Read, GetAttestationAsync);

    private static async Task<IResult> GetAttestationAsync(
        string nameAndVersion, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        var text = TargetPath.Unescape(nameAndVersion);
        var at = text.LastIndexOf('@');
        if (at <= 0 || !PackageName.TryParse(text[..at], out var name) || !SemVersion.TryParse(text[(at + 1)..], out var version))
        {
            return RegistryProblem.Create(400, "invalid_name", "This does not name a version: expected name@version or @scope/name@version");
        }

        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found
            || await FindAsync(db, found.Package.Id, version.Value, cancellationToken) is not { } attestation)
        {
            return RegistryProblem.Create(404, "attestation_not_found", "No attestation found");
        }

        return DocumentAnswer.Send(context, found.IsPublic, found.Package.ModifiedAt, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("attestations");
            writer.WriteStartObject();
            writer.WriteString("predicateType", attestation.PredicateType);
            writer.WritePropertyName("bundle");
            writer.WriteRawValue(attestation.Bundle, skipInputValidation: true);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static Task<Attestation?> FindAsync(PackageDbContext db, long packageId, string version, CancellationToken cancellationToken) =>
        db.Versions.Where(v => v.PackageId == packageId && v.Version == version)
            .Join(db.Attestations.AsNoTracking(), v => v.Id, a => a.VersionId, (v, a) => a)
            .SingleOrDefaultAsync(cancellationToken);
}
