using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;

namespace Registry.PackageService.Proxying;

/// <summary>Notes what of the upstreams is used, and writes it down from time to time: a read does not write.</summary>
internal sealed partial class UsageLog(IDbContextFactory<PackageDbContext> contexts, TimeProvider clock, ILogger<UsageLog> logger) : BackgroundService
{
    private const int Most = 50_000; // between two writings; what is beyond looks unused for a while
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<PackumentAddress, byte> _packuments = new();
    private readonly ConcurrentDictionary<TarballAddress, byte> _tarballs = new();

    /// <summary>A packument was asked for.</summary>
    public void Used(PackumentAddress at)
    {
        if (_packuments.Count < Most)
        {
            _packuments.TryAdd(at, 0);
        }
    }

    /// <summary>A tarball was asked for.</summary>
    public void Used(TarballAddress at)
    {
        if (_tarballs.Count < Most)
        {
            _tarballs.TryAdd(at, 0);
        }
    }

    /// <summary>Writes down what was noted.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (Take(_packuments) is { Count: > 0 } packuments)
        {
            await db.TouchPackumentsAsync(packuments, cancellationToken);
        }

        if (Take(_tarballs) is { Count: > 0 } tarballs)
        {
            await db.TouchTarballsAsync(tarballs, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryWriteAsync(stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task TryWriteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WriteAsync(stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotWritten(failure);
        }
    }

    private static List<T> Take<T>(ConcurrentDictionary<T, byte> used)
        where T : notnull
    {
        var taken = used.Keys.ToList();
        taken.ForEach(key => used.TryRemove(key, out _));
        return taken;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was used of the upstreams could not be written down")]
    private partial void LogNotWritten(Exception failure);
}
