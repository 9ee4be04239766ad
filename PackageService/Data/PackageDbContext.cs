using Microsoft.EntityFrameworkCore;

using Registry.Messaging;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>The database of PackageService.</summary>
internal sealed class PackageDbContext(DbContextOptions<PackageDbContext> options) : DbContext(options)
{
    public DbSet<PackageRepository> Repositories => Set<PackageRepository>();

    public DbSet<Package> Packages => Set<Package>();

    public DbSet<PackageVersion> Versions => Set<PackageVersion>();

    public DbSet<VersionReadme> Readmes => Set<VersionReadme>();

    public DbSet<Attestation> Attestations => Set<Attestation>();

    public DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();

    public DbSet<DistTag> DistTags => Set<DistTag>();

    public DbSet<Maintainer> Maintainers => Set<Maintainer>();

    public DbSet<Star> Stars => Set<Star>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<Tombstone> Tombstones => Set<Tombstone>();

    public DbSet<ChangeRow> Changes => Set<ChangeRow>();

    public DbSet<FeedEpoch> FeedEpochs => Set<FeedEpoch>();

    public DbSet<AdvisoryRow> Advisories => Set<AdvisoryRow>();

    public DbSet<UpstreamRow> Upstreams => Set<UpstreamRow>();

    public DbSet<UpstreamPackumentRow> UpstreamPackuments => Set<UpstreamPackumentRow>();

    public DbSet<UpstreamTarballRow> UpstreamTarballs => Set<UpstreamTarballRow>();

    public DbSet<DownloadRow> Downloads => Set<DownloadRow>();

    public DbSet<DownloadBatchRow> DownloadBatches => Set<DownloadBatchRow>();

    public DbSet<HookRow> Hooks => Set<HookRow>();

    public DbSet<HookDeliveryRow> HookDeliveries => Set<HookDeliveryRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddOutbox();
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PackageDbContext).Assembly);
        SnakeCaseNames.Apply(modelBuilder.Model);
    }
}
