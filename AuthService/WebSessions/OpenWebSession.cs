using System.Buffers.Text;
using System.Security.Cryptography;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Throttling;

namespace Registry.AuthService.WebSessions;

/// <summary>A client asks for a page on which somebody does something, and waits.</summary>
internal sealed record WebSessionCommand(WebSessionKind Kind, string? ClientAddress, string? Client)
{
    /// <summary>Whose second factor is asked for; null for a log-in.</summary>
    public string? AccountId { get; init; }
}

/// <summary>How asking for a page ended.</summary>
internal abstract record OpenWebSessionOutcome
{
    private OpenWebSessionOutcome()
    {
    }

    /// <summary>The paths, below the mount, of the page and of what the client polls.</summary>
    public sealed record Opened(string PagePath, string DonePath) : OpenWebSessionOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : OpenWebSessionOutcome;
}

/// <summary>Opens a page for five minutes; a bounded number for each address.</summary>
internal sealed class OpenWebSession(AuthDbContext db, AttemptThrottle throttle, TimeProvider clock)
{
    public const string PagePath = "/-/v1/login/";
    public const string DonePath = "/-/v1/login/done/";
    private const int MaxClientLength = 200;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public async Task<OpenWebSessionOutcome> ExecuteAsync(WebSessionCommand command, CancellationToken cancellationToken)
    {
        if (await throttle.EnterWebSessionAsync(command.ClientAddress, cancellationToken) is { } wait)
        {
            return new OpenWebSessionOutcome.Throttled(wait);
        }

        var (page, done) = (NewSecret(), NewSecret());
        var now = clock.GetUtcNow();
        db.WebSessions.Add(new WebSession
        {
            Id = Guid.CreateVersion7().ToString(),
            Kind = command.Kind,
            PageHash = TokenSecret.Hash(page),
            DoneHash = TokenSecret.Hash(done),
            ClientAddress = ClientAddress.Parse(command.ClientAddress)?.ToString(),
            Client = Shown(command.Client),
            AccountId = command.AccountId,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        });
        await db.SaveChangesAsync(cancellationToken);
        return new OpenWebSessionOutcome.Opened(PagePath + page, DonePath + done);
    }

    private static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string? Shown(string? client)
    {
        var text = string.Concat((client ?? "").Where(c => !char.IsControl(c)));
        return text.Length == 0 ? null : text[..Math.Min(text.Length, MaxClientLength)];
    }
}
