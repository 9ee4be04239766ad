using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Contracts.Http.Auth;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Maintaining;

/// <summary>Changes who maintains a package. Somebody always does, and everybody who does has an account.</summary>
internal sealed class ChangeMaintainers(PackageDbContext db, AuthClient auth, PackageChange change)
{
    private const int MostMaintainers = FindAccountsRequest.MostNames;
    private const int LongestName = 64; // of an account: what is longer need not be asked for

    private static readonly Refusal TooMany = new(RefusalReason.Invalid, "too_many_maintainers", $"A package has at most {MostMaintainers} maintainers");

    /// <summary>Replaces the whole list.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be asked; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<ChangeOutcome> ReplaceAsync(ChangeTarget target, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count > MostMaintainers)
        {
            return new ChangeOutcome.Refused(TooMany);
        }

        var accounts = await FindAsync(names, cancellationToken);
        return await ChangeAsync(target, _ => [.. names.Distinct(StringComparer.Ordinal)], accounts, cancellationToken);
    }

    /// <summary>Adds one.</summary>
    /// <inheritdoc cref="ReplaceAsync"/>
    public async Task<ChangeOutcome> AddAsync(ChangeTarget target, string name, CancellationToken cancellationToken)
    {
        var accounts = await FindAsync([name], cancellationToken);
        return await ChangeAsync(target, names => names.Contains(name) ? names : [.. names, name], accounts, cancellationToken);
    }

    /// <summary>Removes one.</summary>
    public Task<ChangeOutcome> RemoveAsync(ChangeTarget target, string name, CancellationToken cancellationToken) =>
        ChangeAsync(target, names => names.Contains(name) ? [.. names.Where(n => n != name)] : null, [], cancellationToken);

    private async Task<IReadOnlyList<AccountResponse>> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        names.Where(name => name.Length <= LongestName && !name.Any(char.IsControl)).ToList() is { Count: > 0 } possible ? await auth.FindAccountsAsync(possible, cancellationToken) : [];

    private Task<ChangeOutcome> ChangeAsync(
        ChangeTarget target,
        Func<IReadOnlyList<string>, IReadOnlyList<string>?> wantedOf,
        IReadOnlyList<AccountResponse> accounts,
        CancellationToken cancellationToken) =>
        change.ExecuteAsync(
            target,
            async (package, token) =>
            {
                var current = await db.Maintainers.Where(m => m.PackageId == package.Id).ToListAsync(token);
                return Apply(package, current, wantedOf([.. current.Select(m => m.UserName)]), accounts);
            },
            cancellationToken);

    private Changed Apply(Package package, List<Maintainer> current, IReadOnlyList<string>? wanted, IReadOnlyList<AccountResponse> accounts)
    {
        if (wanted is null)
        {
            return Changed.Not(RefusalReason.NotFound, "maintainer_not_found", "There is no such maintainer of this package");
        }

        if (wanted.Count > Math.Max(MostMaintainers, current.Count))
        {
            return new Changed(Refusal: TooMany);
        }

        if (wanted.Count == 0)
        {
            return Changed.Not(RefusalReason.Invalid, "maintainer_required", "A package needs a maintainer: add another one first");
        }

        var added = wanted.Except(current.Select(m => m.UserName), StringComparer.Ordinal).ToList();
        if (added.Find(name => !accounts.Any(account => account.Name == name)) is { } unknown)
        {
            return Changed.Not(RefusalReason.Invalid, "maintainer_unknown", $"There is no account with the name {Printable(unknown)}");
        }

        var removed = current.Where(m => !wanted.Contains(m.UserName, StringComparer.Ordinal)).ToList();
        db.Maintainers.RemoveRange(removed);
        db.Maintainers.AddRange(added.Select(name => accounts.First(account => account.Name == name)).Select(account => new Maintainer
        {
            PackageId = package.Id,
            UserId = account.Id,
            UserName = account.Name,
            Email = account.Email,
        }));
        return new Changed(
        [
            .. added.Select(name => new Happening(PackageChangeKind.Maintainers, null, new ChangeDetail(User: name))),
            .. removed.Select(m => new Happening(PackageChangeKind.Maintainers, null, new ChangeDetail(User: m.UserName, Removed: true))),
        ]);
    }

    private static string Printable(string name) =>
        name.Length > 214 || name.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? "you sent" : name;
}
