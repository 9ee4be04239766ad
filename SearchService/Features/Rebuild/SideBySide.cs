using System.Runtime.CompilerServices;
using System.Text;

using Registry.SearchService.Index;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>Goes through two lists in byte order of repository and name at once.</summary>
internal static class SideBySide
{
    /// <summary>Each package of either list, with what each says of it.</summary>
    public static async IAsyncEnumerable<(PackageRevision? Left, PackageRevision? Right)> ReadAsync(
        IAsyncEnumerable<PackageRevision> lefts, IAsyncEnumerable<PackageRevision> rights, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var left = lefts.GetAsyncEnumerator(cancellationToken);
        await using var right = rights.GetAsyncEnumerator(cancellationToken);
        var (mine, theirs) = (await NextAsync(left), await NextAsync(right));
        while (mine is not null || theirs is not null)
        {
            var order = Order(mine, theirs);
            yield return (order <= 0 ? mine : null, order >= 0 ? theirs : null);
            mine = order <= 0 ? await NextAsync(left) : mine;
            theirs = order >= 0 ? await NextAsync(right) : theirs;
        }
    }

    /// <summary>What is at its end comes last.</summary>
    private static int Order(PackageRevision? one, PackageRevision? other) =>
        one is null ? 1
        : other is null ? -1
        : Compare(one.Repository, other.Repository) is var repositories and not 0 ? repositories
        : Compare(one.Package, other.Package);

    /// <summary>By bytes, as both lists are ordered; .NET compares UTF-16, which differs beyond the basic plane.</summary>
    private static int Compare(string one, string other) => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    private static async Task<PackageRevision?> NextAsync(IAsyncEnumerator<PackageRevision> revisions) =>
        await revisions.MoveNextAsync() ? revisions.Current : null;
}
