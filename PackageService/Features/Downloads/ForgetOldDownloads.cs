using System.Diagnostics.CodeAnalysis;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Downloads;

/// <summary>Every hour, forgets days that no period reaches any more, and batches that no Gateway sends again.</summary>
internal sealed partial class ForgetOldDownloads(IDbContextFactory<PackageDbContext> contexts, TimeProvider clock, ILogger<ForgetOldDownloads> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan BatchesFor = TimeSpan.FromDays(2);

    /// <summary>Forgets what is old now.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var oldest = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-DownloadPeriod.MostDays);
        while (await db.ForgetDownloadsAsync(oldest, now - BatchesFor, cancellationToken))
        {
            // The next ones.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryForgetAsync(stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task TryForgetAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ForgetAsync(stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old downloads could not be forgotten; it is tried again in an hour")]
    private partial void LogFailed(Exception failure);
}
