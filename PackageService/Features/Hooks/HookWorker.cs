using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.PackageService.Data;

namespace Registry.PackageService.Features.Hooks;

/// <summary>
/// Follows the feed for hooks: makes deliveries of changes, and delivers what is due. Several processes share the work; what one of them has in hand
/// when it ends is due again a minute later.
/// </summary>
internal sealed partial class HookWorker(
    IServiceScopeFactory scopes, IDbContextFactory<PackageDbContext> contexts, IOptions<HooksOptions> options, TimeProvider clock, ILogger<HookWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Task> _underWay = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _hasRoom = new(0);
    private DateTimeOffset _forgotAt;

    public override void Dispose()
    {
        _hasRoom.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = LookEvery; ;)
            {
                var isWell = await TryStepAsync(stoppingToken);
                pause = isWell ? LookEvery : TimeSpan.FromSeconds(Math.Min(2 * pause.TotalSeconds, LongestPause.TotalSeconds));
                await _hasRoom.WaitAsync(pause, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(_underWay.Values);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task<bool> TryStepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StepAsync(stoppingToken);
            return true;
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
            return false;
        }
    }

    /// <summary>Makes deliveries of what changed, and begins those that are due.</summary>
    public async Task StepAsync(CancellationToken stoppingToken)
    {
        await using var db = await contexts.CreateDbContextAsync(stoppingToken);
        while (await db.MakeDeliveriesAsync(stoppingToken))
        {
            // The next changes.
        }

        if (clock.GetUtcNow() - _forgotAt > ForgetEvery)
        {
            _forgotAt = clock.GetUtcNow();
            await db.ForgetDeliveriesAsync(stoppingToken);
        }

        var room = options.Value.MaxInFlight - _underWay.Count;
        foreach (var delivery in room > 0 ? await db.LeaseDeliveriesAsync([.. _underWay.Keys], room, stoppingToken) : [])
        {
            _underWay[delivery.Hook.Host] = SendAsync(delivery, stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "One delivery that cannot be made, for whatever reason, does not end the others; it is due again in a minute.")]
    private async Task SendAsync(LeasedDelivery delivery, CancellationToken stoppingToken)
    {
        await Task.Yield(); // it is under way before it ends
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var attempt = await scope.ServiceProvider.GetRequiredService<SendHook>().ExecuteAsync(delivery, stoppingToken);
            scope.ServiceProvider.GetRequiredService<PackageMetrics>().DeliveredHook(attempt is null ? "dropped" : attempt.Failure is null ? "delivered" : "failed");
        }
        catch (Exception failure)
        {
            LogNotSent(failure, delivery.Hook.Id, delivery.Change.Package);
        }
        finally
        {
            _underWay.TryRemove(delivery.Hook.Host, out _);
            _hasRoom.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hooks could not be looked after; it is tried again within half a minute")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hook {HookId} could not be told of {PackageName}; it is tried again in a minute")]
    private partial void LogNotSent(Exception failure, Guid hookId, string packageName);
}
