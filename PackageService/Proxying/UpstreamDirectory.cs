using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.PackageService.Data;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>The upstreams as they are now, in the order they are asked in.</summary>
/// <param name="Revision">The last change by an administrator that is in it.</param>
/// <param name="All">By priority, disabled ones too.</param>
/// <param name="Problem">Why the file as it is now, or something an administrator said, is not in it; null when all is.</param>
/// <param name="Stamp">The same on every instance that has the same upstreams.</param>
internal sealed record UpstreamSet(long Revision, IReadOnlyList<Upstream> All, string? Problem, string Stamp)
{
    /// <summary>Those that are asked.</summary>
    public IEnumerable<Upstream> Enabled => All.Where(static upstream => upstream.Config.Enabled);

    /// <summary>The upstream of a name; null when there is none.</summary>
    public Upstream? Find(string name) => All.FirstOrDefault(upstream => upstream.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// Knows the upstreams: those of the file, changed by what administrators said. Whoever asks names the last change that counts for the
/// answer, so a change holds from the next read on, on every instance. An upstream that did not change keeps its connections.
/// </summary>
internal sealed partial class UpstreamDirectory(
    IDbContextFactory<PackageDbContext> contexts, IOptions<ProxyOptions> options, PackageMetrics metrics, TimeProvider clock, ILogger<UpstreamDirectory> logger)
    : IDisposable
{
    private static readonly TimeSpan LookAtFileEvery = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _loading = new(1);
    private volatile UpstreamSet? _current;
    private volatile UpstreamFile _file = UpstreamFile.Read(options.Value, UpstreamFile.None);
    private UpstreamFile? _loadedFile;
    private long _lookedAtFile;

    /// <summary>The upstreams with at least this change.</summary>
    public async ValueTask<UpstreamSet> GetAsync(long revision, CancellationToken cancellationToken)
    {
        if (_current is { } current && current.Revision >= revision && !MustLookAtFile())
        {
            return current;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (MustLookAtFile())
            {
                LookAtFile();
            }

            if (_current is not { } known || known.Revision < revision || _loadedFile != _file)
            {
                var file = _file;
                _current = await LoadAsync(file, cancellationToken);
                _loadedFile = file; // only now: a load that failed is made up for by the next
            }

            return _current!;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The upstreams as they are now.</summary>
    public async Task<UpstreamSet> GetLatestAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await GetAsync(await db.UpstreamsRevisionAsync(cancellationToken), cancellationToken);
    }

    /// <summary>The upstreams of the file alone.</summary>
    public IReadOnlyList<RegistryConfig> OfFile => _file.Registries;

    /// <summary>Those that were last in use; nothing is looked up.</summary>
    public UpstreamSet? Current => _current;

    /// <summary>Why the upstreams are not as they were written; null when they are.</summary>
    public string? Problem => _current is { } current ? current.Problem : _file.Problem;

    public void Dispose()
    {
        foreach (var upstream in _current?.All ?? [])
        {
            upstream.Dispose();
        }

        _loading.Dispose();
    }

    private bool MustLookAtFile() => clock.GetElapsedTime(Volatile.Read(ref _lookedAtFile)) > LookAtFileEvery;

    private void LookAtFile()
    {
        Volatile.Write(ref _lookedAtFile, clock.GetTimestamp());
        var file = UpstreamFile.Read(options.Value, _file);
        if (file != _file && file.Problem is { } problem)
        {
            LogFileRefused(problem);
        }

        _file = file;
    }

    private async Task<UpstreamSet> LoadAsync(UpstreamFile file, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Upstreams.AsNoTracking().ToListAsync(cancellationToken);
        var former = _current;
        var merged = MergedUpstreams.Of(file.Registries, rows);
        var problems = file.Problem is { } problem ? [problem, .. merged.LeftOut] : merged.LeftOut;
        foreach (var leftOut in merged.LeftOut)
        {
            LogLeftOut(leftOut);
        }

        return new UpstreamSet(
            rows.Select(static row => row.Revision).DefaultIfEmpty(0).Max(),
            [.. merged.Registries.Select(config => former?.All.FirstOrDefault(upstream => IsSame(upstream.Config, config)) ?? NewUpstream(config))],
            problems.Count == 0 ? null : string.Join(Environment.NewLine, problems),
            StampOf(merged.Registries));
    }

    /// <summary>Secrets are in it, so it is nothing to find them by.</summary>
    private static string StampOf(IEnumerable<RegistryConfig> registries) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', registries.Select(static config => config.ToJson(includeSecrets: true)))))[..8]);

    private Upstream NewUpstream(RegistryConfig config)
    {
        LogUpstream(config);
        return new Upstream(config, metrics, clock);
    }

    private static bool IsSame(RegistryConfig one, RegistryConfig other) =>
        JsonNode.DeepEquals(JsonNode.Parse(one.ToJson(includeSecrets: true)), JsonNode.Parse(other.ToJson(includeSecrets: true)));

    [LoggerMessage(Level = LogLevel.Information, Message = "Upstream: {Upstream}")]
    private partial void LogUpstream(RegistryConfig upstream);

    [LoggerMessage(Level = LogLevel.Error, Message = "The file of upstreams cannot be used as it is now, so it counts as it was: {Problem}")]
    private partial void LogFileRefused(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private partial void LogLeftOut(string problem);
}
