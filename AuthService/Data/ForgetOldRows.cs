using System.Data.Common;

using Microsoft.EntityFrameworkCore;

namespace Registry.AuthService.Data;

/// <summary>Deletes what has served its time: counters at once, ended tokens and invitations after a month for whoever looks back.</summary>
internal sealed partial class ForgetOldRows(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ForgetOldRows> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeptForLookingBack = TimeSpan.FromDays(30);

    /// <summary>One round.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = clock.GetUtcNow();
        var month = now - KeptForLookingBack;
        await db.Throttles.Where(t => t.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await db.SpentCodes.Where(c => c.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await db.WebSessions.Where(s => s.ExpiresAt <= now - SecondFactorQueries.RepeatedWithin).ExecuteDeleteAsync(cancellationToken);
        await db.AccessTokens.Where(t => t.RevokedAt < month || t.ExpiresAt < month).ExecuteDeleteAsync(cancellationToken);
        await db.Invitations.Where(i => i.ExpiresAt < month).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await NextAsync(timer, stoppingToken))
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is DbException or InvalidOperationException or TimeoutException)
            {
                LogFailed(failure); // the next round deletes the same rows
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old rows could not be deleted; the next round tries again")]
    private partial void LogFailed(Exception failure);
}
