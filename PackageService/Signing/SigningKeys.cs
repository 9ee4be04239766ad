using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.PackageService.Data;

namespace Registry.PackageService.Signing;

/// <summary>
/// The key that signs now: the configured one, else one that the first process made and all share through the database. Whichever it is, the
/// database knows it, and the one before it gets an end: what it signed stays valid.
/// </summary>
internal sealed class SigningKeys(IDbContextFactory<PackageDbContext> contexts, IOptions<SigningOptions> options, TimeProvider clock) : IDisposable
{
    // Processes that still have the configuration of before go on signing for a while, and npm refuses what an ended key signed.
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _one = new(1);
    private SigningKey? _current;

    /// <summary>The key to sign with.</summary>
    public async Task<SigningKey> CurrentAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _current) is { } known)
        {
            return known;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            return _current ??= await FindOrCreateAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _current?.Dispose();
        _one.Dispose();
    }

    private async Task<SigningKey> FindOrCreateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockSigningKeysAsync(cancellationToken);
        var known = await db.SigningKeys.OrderBy(k => k.CreatedAt).ToListAsync(cancellationToken);
        var own = known.LastOrDefault(k => k.PrivateKey is not null);
        var key = options.Value.Key is { Length: > 0 } pem ? SigningKey.TryImport(pem)!
            : own is not null ? SigningKey.Import(own.PrivateKey!)
            : SigningKey.Create();
        if (known.Find(k => k.KeyId == key.KeyId) is not { } row)
        {
            db.SigningKeys.Add(row = RowOf(key));
        }

        row.ExpiresAt = null;
        foreach (var other in known.Where(k => k != row && k.ExpiresAt is null))
        {
            other.ExpiresAt = clock.GetDatabaseNow() + Overlap;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return key;
    }

    private SigningKeyRow RowOf(SigningKey key) => new()
    {
        KeyId = key.KeyId,
        PublicKey = key.PublicKey,
        PrivateKey = options.Value.Key is { Length: > 0 } ? null : key.PrivateKey,
        CreatedAt = clock.GetDatabaseNow(),
    };
}
