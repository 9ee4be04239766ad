using System.Text.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Proxying;

/// <summary>The JSON of a packument that is kept.</summary>
/// <param name="Json">UTF-8.</param>
/// <param name="Revision">Digest of it.</param>
internal sealed record PackumentBody(ReadOnlyMemory<byte> Json, string Revision);

/// <summary>
/// What kept packuments say, read once for all who want one version of them and held in bounded memory: thousands of versions are not parsed
/// and judged by the rules for each read (complaints 2, 5). Nobody is asked here.
/// </summary>
internal sealed class ParsedPackuments(IDbContextFactory<PackageDbContext> contexts) : IDisposable
{
    private const int MostPromises = 500_000;
    private const int MostDocumentBytes = 64 * 1024 * 1024;
    private const int MostReading = 4; // at the same time: a packument can be tens of megabytes
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _promises = new(new MemoryCacheOptions { SizeLimit = MostPromises });
    private readonly MemoryCache _documents = new(new MemoryCacheOptions { SizeLimit = MostDocumentBytes });
    private readonly SemaphoreSlim _reading = new(MostReading);

    /// <summary>The JSON; null when it is not kept any more.</summary>
    public async Task<PackumentBody?> ReadAsync(PackumentAddress at, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.PackumentBodyAsync(at, cancellationToken) is { } stored ? new PackumentBody(KeptPackument.Expand(stored.Body), stored.Revision) : null;
    }

    /// <summary>What is promised of the tarballs, by version; null when the packument is not kept any more.</summary>
    public Task<IReadOnlyDictionary<string, TarballPromise>?> PromisesAsync(Proxied.Found found, PackageName name, CancellationToken cancellationToken)
    {
        var at = found.AddressOf(name);
        return FindAsync(_promises, at, KeyOf(found.Known.Revision), body => Remember(at, body.Revision, PackumentIntake.PromisesOf(body.Json, name)), cancellationToken);

        object KeyOf(string? revision) => (at, revision);
    }

    /// <summary>The versions that the rules let pass, and their manifests; null when the packument is not kept any more.</summary>
    public Task<ProxiedDocument?> DocumentAsync(Proxied.Found found, PackageName name, CancellationToken cancellationToken)
    {
        var (at, rules) = (found.AddressOf(name), found.Upstream.Config.Rules);
        return FindAsync(_documents, at, KeyOf(found.Known.Revision), Parse, cancellationToken);

        object KeyOf(string? revision) => (at, revision, rules);

        ProxiedDocument Parse(PackumentBody body)
        {
            var root = JsonElement.Parse(body.Json.Span, new JsonDocumentOptions { MaxDepth = KeptPackument.ReaderOptions.MaxDepth });
            return _documents.Set(
                KeyOf(body.Revision), new ProxiedDocument(root, name, rules), new MemoryCacheEntryOptions { Size = body.Json.Length, SlidingExpiration = Idle });
        }
    }

    /// <summary>Holds what a packument promises that has just come.</summary>
    public IReadOnlyDictionary<string, TarballPromise> Remember(
        PackumentAddress at, string revision, IReadOnlyDictionary<string, TarballPromise> promises) =>
        _promises.Set((object)(at, (string?)revision), promises, new MemoryCacheEntryOptions { Size = promises.Count, SlidingExpiration = Idle });

    public void Dispose()
    {
        _promises.Dispose();
        _documents.Dispose();
        _reading.Dispose();
    }

    private async Task<T?> FindAsync<T>(MemoryCache held, PackumentAddress at, object key, Func<PackumentBody, T> parse, CancellationToken cancellationToken)
        where T : class
    {
        if (held.TryGetValue(key, out T? known))
        {
            return known;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            return held.TryGetValue(key, out known) ? known
                : await ReadAsync(at, cancellationToken) is { } body ? parse(body)
                : null;
        }
        finally
        {
            _reading.Release();
        }
    }
}
