using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Proxying;
using Registry.Upstreams;
using Registry.Upstreams.Configuration;

namespace Registry.PackageService.Features.Upstreams;

/// <summary>What came of a change.</summary>
internal abstract record UpstreamChange
{
    private UpstreamChange()
    {
    }

    internal sealed record Done(string Name) : UpstreamChange;

    internal sealed record NotFound : UpstreamChange;

    internal sealed record Exists(string Name) : UpstreamChange;

    internal sealed record TooMany : UpstreamChange;

    internal sealed record Invalid(string Message) : UpstreamChange;
}

/// <summary>
/// Adds, changes and removes upstreams. What is said here wins over the file, key by key, and is all that is kept: what was never said here
/// follows the file. An upstream of the file that is removed here stays away until it is added here.
/// </summary>
internal sealed class ChangeUpstreams(PackageDbContext db, UpstreamDirectory directory)
{
    /// <summary>How many there can be.</summary>
    public const int Most = 100;

    private const string Source = "the request";

    /// <summary>Adds one. It is kept whole, so an entry of its name in the file counts no more: no secret of the file goes where it was not meant to.</summary>
    /// <param name="entry">It as JSON, name included.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<UpstreamChange> AddAsync(string entry, string by, CancellationToken cancellationToken) =>
        SaveAsync(
            (known, _) =>
            {
                var config = RegistryConfig.Read(entry, Source);
                ReadStrictly(entry);
                return known.Find(config.Name) is { } taken ? (new UpstreamChange.Exists(taken.Name), null)
                    : known.Registries.Count >= Most ? (new UpstreamChange.TooMany(), null)
                    : (new UpstreamChange.Done(config.Name), config.ToJson(includeSecrets: true));
            },
            by,
            cancellationToken);

    /// <summary>Changes what the entry says of one, and nothing else.</summary>
    public Task<UpstreamChange> ChangeAsync(string name, string entry, string by, CancellationToken cancellationToken) =>
        SaveAsync(
            (known, rows) =>
            {
                if (known.Find(name) is not { } config)
                {
                    return (new UpstreamChange.NotFound(), null);
                }

                RegistryConfig.Read(entry, Source, config);
                var said = rows.Find(row => IsOf(row, config.Name))?.Entry is { } before ? ReadStrictly(before) : [];
                Merge(said, ReadStrictly(entry));
                said["name"] = config.Name;
                return (new UpstreamChange.Done(config.Name), said.ToJsonString());
            },
            by,
            cancellationToken);

    /// <summary>Removes one, also one that is left out since the file does not fit it any more.</summary>
    public Task<UpstreamChange> RemoveAsync(string name, string by, CancellationToken cancellationToken) =>
        SaveAsync(
            (known, rows) => (known.Find(name)?.Name ?? rows.Find(row => row.Entry is not null && IsOf(row, name))?.Name) is { } there
                ? (new UpstreamChange.Done(there), null)
                : (new UpstreamChange.NotFound(), null),
            by,
            cancellationToken);

    /// <summary>Where each upstream that is not of the file alone comes from: <c>api</c>, or <c>file and api</c>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OriginsAsync(CancellationToken cancellationToken)
    {
        var names = await db.Upstreams.AsNoTracking().Where(u => u.Entry != null).Select(u => u.Name).ToListAsync(cancellationToken);
        return names.ToDictionary(
            static name => name,
            name => directory.OfFile.Any(config => config.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ? "file and api" : "api",
            StringComparer.OrdinalIgnoreCase);
    }

    private async Task<UpstreamChange> SaveAsync(
        Func<MergedUpstreams, List<UpstreamRow>, (UpstreamChange Change, string? Entry)> decide, string by, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockUpstreamsAsync(cancellationToken);
        var rows = await db.Upstreams.AsNoTracking().ToListAsync(cancellationToken);
        try
        {
            var (change, entry) = decide(MergedUpstreams.Of(directory.OfFile, rows), rows);
            if (change is UpstreamChange.Done done)
            {
                await db.SaveUpstreamAsync(done.Name.ToLowerInvariant(), entry, by, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            return change;
        }
        catch (RegistryConfigException wrong)
        {
            return new UpstreamChange.Invalid(wrong.Message);
        }
        catch (JsonException)
        {
            return new UpstreamChange.Invalid($"{Source}: must be JSON as programs write it, without comments and without a comma after the last member");
        }
    }

    private static bool IsOf(UpstreamRow row, string name) => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>An entry that was read already, now without what a file may hold beside JSON.</summary>
    private static JsonObject ReadStrictly(string entry) => JsonNode.Parse(entry)!.AsObject();

    /// <summary>Lifetimes are changed one by one, everything else as a whole.</summary>
    private static void Merge(JsonObject said, JsonObject more)
    {
        foreach (var (key, value) in more)
        {
            if (key == "cache" && said[key] is JsonObject lifetimes && value is JsonObject changed)
            {
                foreach (var (lifetime, seconds) in changed)
                {
                    lifetimes[lifetime] = seconds?.DeepClone();
                }
            }
            else
            {
                said[key] = value?.DeepClone();
            }
        }
    }
}
