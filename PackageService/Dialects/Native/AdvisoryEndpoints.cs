using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Advisories;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Native;

/// <summary><c>/api/v1/advisories</c>: what audits answer from, for administrators. A number that exists is replaced, so a file can be sent again.</summary>
internal static class AdvisoryEndpoints
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostEntryBytes = 128 * 1024;
    private const int MostLines = 20_000;
    private const int DefaultSize = 100;
    private const int MostSize = 250;

    public static void MapAdvisories(this IEndpointRouteBuilder api)
    {
        var advisories = api.MapGroup("/advisories").RequireSignedIn().AddEndpointFilter<AdministratorFilter>();
        advisories.MapMethods("", Methods.Read, ListAsync);
        advisories.MapPost("", ImportAsync);
        advisories.MapMethods("/{id:long}", Methods.Read, GetAsync);
        advisories.MapPut("/{id:long}", PutAsync);
        advisories.MapDelete("/{id:long}", RemoveAsync);
    }

    private static async Task<Ok<AdvisoryListDocument>> ListAsync(
        PackageDbContext db, string? package, long? after, int? size, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(size ?? DefaultSize, 1, MostSize);
        var page = await db.AdvisoriesAfterAsync(package, after ?? 0, limit, cancellationToken);
        return TypedResults.Ok(new AdvisoryListDocument([.. page.Select(AdvisoryEntry.Of)], page.Count == limit ? page[^1].Id : null));
    }

    private static async Task<IResult> GetAsync(long id, PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Advisories.FindAsync([id], cancellationToken) is { } advisory ? TypedResults.Ok(AdvisoryEntry.Of(advisory)) : NotFound(id);

    private static async Task<IResult> PutAsync(long id, HttpContext context, ChangeAdvisories changes, PackageDbContext db, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context.Request, MostEntryBytes, cancellationToken);
        if (body.Refusal is not null)
        {
            return body.Refusal;
        }

        var (entry, problem) = Read(body.Bytes.Span);
        problem ??= (entry!.Id ?? id) == id ? (entry = entry with { Id = id }).Problem : "'id' must be the number in the path";
        if (problem is not null)
        {
            return Invalid(problem);
        }

        var changed = await changes.PutAsync([entry!], context.GetCaller().UserName!, cancellationToken);
        var kept = await db.Advisories.FindAsync([id], cancellationToken);
        return TypedResults.Json(AdvisoryEntry.Of(kept!), statusCode: changed.Added > 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> RemoveAsync(long id, HttpContext context, ChangeAdvisories changes, CancellationToken cancellationToken) =>
        await changes.RemoveAsync(id, context.GetCaller().UserName!, cancellationToken) ? TypedResults.Ok(new Dictionary<string, bool> { ["ok"] = true }) : NotFound(id);

    /// <summary>One advisory a line: all of them, or none.</summary>
    private static async Task<IResult> ImportAsync(HttpContext context, ChangeAdvisories changes, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context.Request, MostBytes, cancellationToken);
        if (body.Refusal is not null)
        {
            return body.Refusal;
        }

        var (entries, problem) = ReadLines(body.Bytes.Span);
        return entries is null ? Invalid(problem!) : TypedResults.Ok(await changes.PutAsync(entries, context.GetCaller().UserName!, cancellationToken));
    }

    private static (List<AdvisoryEntry>? Entries, string? Problem) ReadLines(ReadOnlySpan<byte> text)
    {
        var entries = new List<AdvisoryEntry>();
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].Trim(" \t\r"u8);
            number++;
            if (line.IsEmpty)
            {
                continue;
            }

            if (entries.Count == MostLines)
            {
                return (null, $"At most {MostLines} advisories are imported at once: send the rest after these");
            }

            var (entry, problem) = Read(line);
            problem ??= entry!.Problem;
            if (problem is not null)
            {
                return (null, $"Line {number}: {problem}");
            }

            entries.Add(entry!);
        }

        return entries.Count == 0 ? (null, "There is no advisory in the body: send one a line, as JSON") : (entries, null);
    }

    private static (AdvisoryEntry? Entry, string? Problem) Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<AdvisoryEntry>(json, RegistryJson.Options) is { } entry ? (entry, null) : (null, "an advisory is a JSON object");
        }
        catch (JsonException wrong)
        {
            return (null, $"this is no advisory as JSON{(wrong.Path is { Length: > 1 } path ? $", at {path}" : "")}");
        }
    }

    private static ProblemHttpResult Invalid(string message) => RegistryProblem.Create(400, "invalid_advisory", message);

    private static ProblemHttpResult NotFound(long id) => RegistryProblem.Create(404, "advisory_not_found", $"There is no advisory {id}");
}

/// <summary>A page of advisories.</summary>
/// <param name="Advisories">By number.</param>
/// <param name="Next">What <c>after</c> is on the next page; null on the last.</param>
internal sealed record AdvisoryListDocument(IReadOnlyList<AdvisoryEntry> Advisories, long? Next);
