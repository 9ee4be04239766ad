using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.Contracts.Http.Search;
using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>
/// Compares an index with the packages at one position of the feed, while more is published. Everything up to the position is in the
/// index; a package that was read again since has a later revision there and is left out on both sides, as are those whose documents
/// were refused. What remains has to be equal exactly.
/// </summary>
internal sealed class CompareIndex(ISearchIndex index, RevisionsClient packages, IDbContextFactory<SearchDbContext> contexts)
{
    private const int MostDifferences = 20;

    /// <summary>Compares.</summary>
    /// <param name="role">The index.</param>
    /// <param name="position">A position everything up to which is in it.</param>
    /// <param name="epoch">The feed's identity.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TooMuchChangedException">More changed meanwhile than can be left out; a later position may do.</exception>
    public async Task<VerifyResponse> ExecuteAsync(IndexRole role, long position, Guid epoch, CancellationToken cancellationToken)
    {
        var except = await RefusedAsync(cancellationToken);
        var indexed = new RevisionDigest();
        await foreach (var (repository, package, revision) in index.ReadRevisionsAsync(role, cancellationToken))
        {
            var key = new PackageKey(repository, package);
            if (revision > position)
            {
                except.Add(key);
            }
            else if (!except.Contains(key))
            {
                indexed.Add(repository, package, revision);
            }
        }

        if (except.Count > RevisionDigestRequest.MostExcepted)
        {
            throw new TooMuchChangedException();
        }

        var published = await packages.DigestAsync(position, [.. except], cancellationToken);
        var equal = published.Epoch == epoch && published.Packages == indexed.Packages && published.Digest == indexed.Value;
        return new VerifyResponse(
            index.Engine, position, published.Packages, except.Count, equal, equal ? [] : await DifferencesAsync(role, position, except, cancellationToken));
    }

    private static bool Matters(RevisionDifference difference, long position) =>
        difference.Indexed != difference.Published && !(difference.Indexed > position);

    private async Task<HashSet<PackageKey>> RefusedAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Refused.AsNoTracking().Select(refused => new PackageKey(refused.Repository, refused.Package)).Take(RevisionDigestRequest.MostExcepted).ToHashSetAsync(cancellationToken);
    }

    private async Task<List<RevisionDifference>> DifferencesAsync(IndexRole role, long position, HashSet<PackageKey> except, CancellationToken cancellationToken)
    {
        var differences = new List<RevisionDifference>();
        var both = SideBySide.ReadAsync(index.ReadRevisionsAsync(role, cancellationToken), packages.ListAsync(position, cancellationToken), cancellationToken);
        await foreach (var (mine, theirs) in both)
        {
            var key = new PackageKey((mine ?? theirs)!.Repository, (mine ?? theirs)!.Package);
            var difference = new RevisionDifference(key.Repository, key.Package, mine?.Revision, theirs?.Revision);
            if (Matters(difference, position) && !except.Contains(key))
            {
                differences.Add(difference);
            }

            if (differences.Count == MostDifferences)
            {
                break;
            }
        }

        return differences;
    }
}

/// <summary>More packages changed while an index was compared than can be left out.</summary>
internal sealed class TooMuchChangedException() : Exception("So much is published that the index cannot be compared right now.");
