using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Hooks;

/// <summary>What a request says of a hook; null for what it leaves out.</summary>
internal sealed record HookRequest(string? Type, string? Name, string? Endpoint, string? Secret);

/// <summary>How changing a hook ended.</summary>
internal abstract record HookOutcome
{
    private HookOutcome()
    {
    }

    /// <summary>The hook as it is, or as it was when it is gone.</summary>
    internal sealed record Done(HookRow Hook) : HookOutcome;

    /// <summary>Nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : HookOutcome;
}

/// <summary>Hooks of an account: nobody else sees or changes them.</summary>
internal sealed class ChangeHooks(PackageDbContext db, HookConnections connections, IOptions<HooksOptions> options, TimeProvider clock)
{
    private static readonly Refusal NotFound = new(RefusalReason.NotFound, "hook_not_found", "There is no such hook of yours");

    private static readonly Refusal BadEndpoint = new(
        RefusalReason.Invalid, "invalid_request", $"'endpoint' must be an http or https URL of at most {HookMembers.LongestEndpoint} characters, without a password, and not inside a private network");

    private static readonly Refusal BadSecret = new(
        RefusalReason.Invalid, "invalid_request", $"'secret' must be text of 1 to {HookMembers.LongestSecret} characters");

    /// <summary>Hooks of an account in a repository, the oldest first.</summary>
    /// <param name="caller">The account.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="name">Only those of this name; null for all.</param>
    /// <param name="page">How many to leave out, and how many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<List<HookRow>> ListAsync(Caller caller, string repository, string? name, (int Offset, int Limit) page, CancellationToken cancellationToken) =>
        db.Hooks.AsNoTracking()
            .Where(h => h.UserId == caller.UserId && h.Repository == repository && (name == null || h.Name == name))
            .OrderBy(h => h.Id).Skip(page.Offset).Take(page.Limit)
            .ToListAsync(cancellationToken);

    /// <summary>A hook of the account; null when there is none.</summary>
    public Task<HookRow?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        db.Hooks.SingleOrDefaultAsync(h => h.Id == id && h.UserId == caller.UserId, cancellationToken);

    /// <summary>Makes a hook.</summary>
    public async Task<HookOutcome> AddAsync(Caller caller, MountContext mount, HookRequest request, CancellationToken cancellationToken)
    {
        if (HookSubject.Of(request.Type, request.Name) is not { } subject)
        {
            return Refuse(new Refusal(RefusalReason.Invalid, "invalid_request", "'type' must be package, scope or owner, and 'name' the name of one"));
        }

        if (HookMembers.EndpointOf(request.Endpoint, connections) is not { } endpoint)
        {
            return Refuse(BadEndpoint);
        }

        return HookMembers.IsSecret(request.Secret) ? await AddAsync(NewRow(caller, mount, subject, endpoint, request.Secret!), cancellationToken) : Refuse(BadSecret);
    }

    /// <summary>Gives a hook another endpoint or secret.</summary>
    public async Task<HookOutcome> ChangeAsync(Caller caller, Guid id, HookRequest request, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is not { } hook)
        {
            return Refuse(NotFound);
        }

        var endpoint = HookMembers.EndpointOf(request.Endpoint ?? hook.Endpoint, connections);
        var refusal = endpoint is null ? BadEndpoint : HookMembers.IsSecret(request.Secret ?? hook.Secret) ? null : BadSecret;
        if (refusal is not null)
        {
            return Refuse(refusal);
        }

        (hook.Endpoint, hook.Host, hook.Secret, hook.UpdatedAt) = (endpoint!.AbsoluteUri, endpoint.DnsSafeHost, request.Secret ?? hook.Secret, clock.GetDatabaseNow());
        await db.SaveChangesAsync(cancellationToken);
        return new HookOutcome.Done(hook);
    }

    /// <summary>Removes a hook with its log; what was not delivered will not be.</summary>
    public async Task<HookOutcome> RemoveAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is not { } hook)
        {
            return Refuse(NotFound);
        }

        await db.Hooks.Where(h => h.Id == id).ExecuteDeleteAsync(cancellationToken);
        return new HookOutcome.Done(hook);
    }

    private static HookOutcome.Refused Refuse(Refusal refusal) => new(refusal);

    private async Task<HookOutcome> AddAsync(HookRow hook, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockHooksOfAsync(hook.UserId, cancellationToken);
        if (await db.Hooks.CountAsync(h => h.UserId == hook.UserId, cancellationToken) >= options.Value.MaxPerAccount)
        {
            return Refuse(new Refusal(RefusalReason.Invalid, "too_many_hooks", $"An account can have at most {options.Value.MaxPerAccount} hooks"));
        }

        db.Hooks.Add(hook);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new HookOutcome.Done(hook);
    }

    private HookRow NewRow(Caller caller, MountContext mount, HookSubject subject, Uri endpoint, string secret)
    {
        var now = clock.GetDatabaseNow();
        return new HookRow
        {
            Id = Guid.CreateVersion7(now),
            UserId = caller.UserId!,
            UserName = caller.UserName!,
            Repository = mount.Repository,
            Type = subject.Type,
            Name = subject.Name,
            Endpoint = endpoint.AbsoluteUri,
            Host = endpoint.DnsSafeHost, // whatever the port: one machine is told one thing at a time
            Secret = secret,
            PublicUrl = mount.PublicUrl,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }
}
