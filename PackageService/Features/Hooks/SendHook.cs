using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Hooks;

/// <summary>Writes the packument that a delivery carries, with links under a URL; null when the package is gone.</summary>
internal delegate Task<byte[]?> WriteHookPayload(ReadablePackage package, string publicUrl, CancellationToken cancellationToken);

/// <summary>
/// Delivers a change to a hook: signed, and with the package as its owner may read it now. What the owner may not read is dropped, and was never
/// spoken of; a package that is no more is told of when everyone could read it.
/// </summary>
internal sealed class SendHook(PackageDbContext db, PackageAccess access, AuthClient auth, WriteHookPayload writePayload, HookClient client)
{
    private const int LargestPayload = 8 * 1024 * 1024;
    private static readonly TimeSpan[] RetryIn = [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), TimeSpan.FromHours(6)];

    /// <summary>Tries once, and writes down how it went.</summary>
    /// <returns>Null when it was dropped.</returns>
    public async Task<HookAttempt?> ExecuteAsync(LeasedDelivery delivery, CancellationToken cancellationToken)
    {
        if (await PayloadAsync(delivery, cancellationToken) is not { } payload)
        {
            await db.DropDeliveryAsync(delivery.Id, cancellationToken);
            return null;
        }

        var body = BodyOf(delivery, payload);
        var attempt = await client.PostAsync(delivery.Hook.Endpoint, body, SignatureOf(delivery.Hook.Secret, body), cancellationToken);
        TimeSpan? retryIn = attempt.Failure is null || attempt.ResponseCode == StatusCodes.Status410Gone || delivery.Attempts >= RetryIn.Length
            ? null
            : RetryIn[delivery.Attempts];
        await db.EndAttemptAsync(delivery, (attempt.ResponseCode, attempt.Failure), retryIn, cancellationToken);
        return attempt;
    }

    private static string SignatureOf(string secret, byte[] body) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    private async Task<byte[]?> PayloadAsync(LeasedDelivery delivery, CancellationToken cancellationToken)
    {
        var (hook, change) = (delivery.Hook, delivery.Change);
        if (!(await auth.FindAccountsAsync([hook.UserName], cancellationToken)).Any(account => account.Id == hook.UserId))
        {
            return null; // disabled, or gone
        }

        var owner = new Caller
        {
            Credential = CredentialState.Accepted,
            UserId = hook.UserId,
            UserName = hook.UserName,
            TeamIds = await TeamsAsync(delivery, cancellationToken),
        };
        if (await access.FindReadableAsync(change.Repository, PackageName.Parse(change.Package), owner, cancellationToken) is { } found)
        {
            var packument = await writePayload(found, hook.PublicUrl, cancellationToken);
            return packument is { Length: > LargestPayload } ? NameAlone(change) : packument;
        }

        return change.Kind == PackageChangeKind.Removed && await WasPublicAsync(change, cancellationToken) ? NameAlone(change) : null;
    }

    /// <summary>The teams that the package was given to and the hook's owner is in now.</summary>
    private async Task<IReadOnlyList<string>> TeamsAsync(LeasedDelivery delivery, CancellationToken cancellationToken)
    {
        var teams = await db.TeamsGivenAsync(delivery.Change.Repository, delivery.Change.Package, cancellationToken);
        return teams.Count == 0
            ? []
            : [.. (await auth.ListTeamMembersAsync(teams, cancellationToken)).Where(member => member.User == delivery.Hook.UserName).Select(static member => member.TeamId)];
    }

    private async Task<bool> WasPublicAsync(ChangeRow change, CancellationToken cancellationToken) =>
        (await db.FeedRowsAsync(change.Repository, (change.Position - 1, change.Position), (false, 1), cancellationToken)) is [{ EndsPublic: true }];

    private static byte[] NameAlone(ChangeRow change) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["_id"] = change.Package, ["name"] = change.Package });

    private static byte[] BodyOf(LeasedDelivery delivery, byte[] payload)
    {
        var (told, buffer) = (HookEvent.Of(delivery.Change), new ArrayBufferWriter<byte>(payload.Length + 512));
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("event", told.Name);
            writer.WriteString("name", delivery.Change.Package);
            writer.WriteString("type", "package");
            writer.WriteString("version", "1.0.0"); // of this format
            writer.WriteStartObject("hookOwner");
            writer.WriteString("username", delivery.Hook.UserName);
            writer.WriteEndObject();
            writer.WritePropertyName("payload");
            writer.WriteRawValue(payload, skipInputValidation: true);
            writer.WriteStartObject("change");
            foreach (var (member, value) in told.Change)
            {
                writer.WriteString(member, value);
            }

            writer.WriteEndObject();
            writer.WriteNumber("time", delivery.Change.OccurredAt.ToUnixTimeMilliseconds());
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
