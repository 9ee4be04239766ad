using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Data;

/// <summary>What a publish writes: as few statements as its locks allow, since every team's every build waits for them.</summary>
internal static class PublishQueries
{
    /// <summary>
    /// Adds a package with those whom it belongs to, and its first version; under the lock on its name. Whether the version's number was given out
    /// before is for the caller to look at: then the transaction must not be committed.
    /// </summary>
    public static async Task<TakenVersion> AddPackageAsync(this PackageDbContext db, NewPackage created, NewVersion first, CancellationToken cancellationToken)
    {
        var (package, maintainer, grant) = created;
        var (_, taken) = await db.ReadAsync(
            ($"""
            WITH created AS (
                INSERT INTO packages (
                    id, repository_id, name, folded_name, visibility, publish_requires_tfa, automation_token_overrides_tfa, created_at, modified_at, revision)
                VALUES (
                    {package.Id}, {package.RepositoryId}, {package.Name}, {package.FoldedName}, {PackageConfiguration.TextOf(package.Visibility)},
                    {package.PublishRequiresTfa}, {package.AutomationTokenOverridesTfa}, {package.CreatedAt}, {package.ModifiedAt}, {package.Revision})
                RETURNING id),
            given AS (
                INSERT INTO grants (package_id, scope, team, team_id, can_write)
                SELECT id, {grant?.Scope}::text, {grant?.Team}::text, {grant?.TeamId}::text, true FROM created WHERE {grant is not null})
            INSERT INTO maintainers (package_id, user_id, user_name, email)
            SELECT id, {maintainer.UserId}, {maintainer.UserName}, {maintainer.Email}::text FROM created
            RETURNING package_id
            """, static row => row.GetInt64(0)),
            (Taken(package, first.Row.Version), TakenVersion.Read),
            Add(first),
            cancellationToken);
        return taken[0];
    }

    /// <summary>Whether a version's number is free, and if not, who has it; under the package's lock.</summary>
    public static async Task<TakenVersion> FindTakenAsync(this PackageDbContext db, Package package, string version, CancellationToken cancellationToken) =>
        (await db.ReadAsync(Taken(package, version), TakenVersion.Read, cancellationToken))[0];

    /// <summary>
    /// Adds a version with its readme and attestation, and points its dist-tag at it, and <c>latest</c> where there is none yet; under the package's lock.
    /// </summary>
    public static Task AddVersionAsync(this PackageDbContext db, NewVersion added, CancellationToken cancellationToken) =>
        db.ReadAsync(Add(added), static row => row.GetInt64(0), cancellationToken);

    private static FormattableString Add(NewVersion added)
    {
        var (row, fragments, tag, readme, attestation) = added;
        return
            $"""
            WITH added AS (
                INSERT INTO versions (
                    package_id, version, sort_key, manifest, digest, size_bytes, integrity, shasum, file_count, unpacked_size_bytes,
                    published_at, publisher_id, publisher_name, publisher_email, credential_id, npm_session,
                    layout, full_head, abbreviated_head, dist, signature_key_id, signature, provenance_type)
                VALUES (
                    {row.PackageId}, {row.Version}, {row.SortKey}, {row.Manifest}::jsonb, {row.Digest}, {row.SizeBytes}, {row.Integrity}, {row.Shasum},
                    {row.FileCount}, {row.UnpackedSizeBytes}, {row.PublishedAt}, {row.PublisherId}, {row.PublisherName}, {row.PublisherEmail}::text,
                    {row.CredentialId}::text, {row.NpmSession}::text, {fragments.Layout}::int, {fragments.FullHead}::bytea, {fragments.AbbreviatedHead}::bytea,
                    {fragments.Dist}::bytea, {fragments.SignatureKeyId}::text, {fragments.Signature}::bytea, {fragments.ProvenanceType}::text)
                RETURNING id, package_id, version),
            described AS (
                INSERT INTO readmes (version_id, text, filename)
                SELECT id, {readme?.Text}::text, {readme?.Filename}::text FROM added WHERE {readme is not null}),
            attested AS (
                INSERT INTO attestations (version_id, predicate_type, bundle)
                SELECT id, {attestation?.PredicateType}::text, {attestation?.Bundle}::text FROM added WHERE {attestation is not null}),
            first AS (
                INSERT INTO dist_tags (package_id, tag, version, moved_by_hand)
                SELECT package_id, {DistTagName.Latest.Value}, version, false FROM added WHERE {tag.Value} <> {DistTagName.Latest.Value}
                ON CONFLICT DO NOTHING)
            INSERT INTO dist_tags (package_id, tag, version, moved_by_hand)
            SELECT package_id, {tag.Value}, version, false FROM added
            ON CONFLICT (package_id, tag) DO UPDATE SET version = excluded.version, moved_by_hand = false
            RETURNING package_id
            """;
    }

    private static FormattableString Taken(Package package, string version) =>
        $"""
        SELECT EXISTS (SELECT 1 FROM tombstones WHERE repository_id = {package.RepositoryId} AND name = {package.Name} AND version = {version}),
            v.credential_id, v.npm_session, v.digest, v.published_at
        FROM (VALUES (1)) AS asked LEFT JOIN versions v ON v.package_id = {package.Id} AND v.version = {version}
        """;
}

/// <summary>A package that is to be created.</summary>
/// <param name="Package">The package.</param>
/// <param name="Maintainer">Who published it.</param>
/// <param name="Grant">The team that looks after it too; null when there is none.</param>
internal sealed record NewPackage(Package Package, Maintainer Maintainer, Grant? Grant);

/// <summary>A version that is to be added.</summary>
/// <param name="Row">The version.</param>
/// <param name="Fragments">What its documents consist of.</param>
/// <param name="Tag">The dist-tag that points at it from now on.</param>
/// <param name="Readme">Its readme; null when it has none.</param>
/// <param name="Attestation">What was attested about it; null when nothing was.</param>
internal sealed record NewVersion(PackageVersion Row, VersionFragments Fragments, DistTagName Tag, VersionReadme? Readme, Attestation? Attestation);

/// <summary>What is known of a version's number.</summary>
/// <param name="WasRemoved">It was published and removed, and is never given out again.</param>
/// <param name="CredentialId">The credential that published it, where it is there.</param>
/// <param name="NpmSession">The <c>npm-session</c> it was published in.</param>
/// <param name="Digest">Its tarball's blob; null when there is no such version.</param>
/// <param name="PublishedAt">When.</param>
internal sealed record TakenVersion(bool WasRemoved, string? CredentialId, string? NpmSession, string? Digest, DateTimeOffset? PublishedAt)
{
    public static TakenVersion Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetBoolean(0), row.TextOf(1), row.TextOf(2), row.TextOf(3), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
}
