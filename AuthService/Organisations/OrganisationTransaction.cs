using Microsoft.EntityFrameworkCore.Storage;

using Registry.AuthService.Data;
using Registry.Contracts.Http;
using Registry.Messaging;

namespace Registry.AuthService.Organisations;

/// <summary>
/// The one transaction that changes an organisation, under the lock of its row: two owners who leave at once do not both find the other there,
/// and what is bounded stays so.
/// </summary>
internal sealed class OrganisationTransaction(AuthDbContext db, OrganisationAccess access, OutboxSignal signal)
{
    /// <summary>Changes an organisation the caller belongs to.</summary>
    /// <param name="scope">Its name.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="change">Looks at what the caller may do, and does it.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed then.</param>
    public Task<OrganisationOutcome> RunAsync(
        string scope, Caller caller, Func<KnownOrganisation, CancellationToken, Task<OrganisationOutcome>> change, CancellationToken cancellationToken) =>
        RunAsync(
            async token =>
            {
                var (known, refusal) = await access.LockAsync(scope, caller, token);
                return known is null ? new OrganisationOutcome.Refused(refusal!) : await change(known, token);
            },
            cancellationToken);

    /// <summary>Commits what was done, unless it was refused.</summary>
    public async Task<OrganisationOutcome> RunAsync(Func<CancellationToken, Task<OrganisationOutcome>> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var outcome = await change(cancellationToken);
        if (outcome is not OrganisationOutcome.Refused)
        {
            await CommitAsync(transaction, cancellationToken);
        }

        return outcome;
    }

    private async Task CommitAsync(IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
    }
}
