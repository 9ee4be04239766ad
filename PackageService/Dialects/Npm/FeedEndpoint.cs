using System.Buffers;
using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Features.Changes;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /_changes</c>, CouchDB's feed, as far as mirrors of registries use it (npm protocol 3.14).</summary>
internal static class FeedEndpoint
{
    private const int DefaultLimit = 1000;
    private const int MostLimit = 10_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public static void MapFeed(this IEndpointRouteBuilder npm) => npm.MapMethods("/_changes", Methods.Read, GetAsync);

    private static async Task<IResult> GetAsync(HttpContext context, FollowFeed feed, CancellationToken cancellationToken)
    {
        if (Refuse(context.Request.Query) is { } refusal)
        {
            return refusal;
        }

        if (QueryOf(context.Request.Query) is not { } query)
        {
            return RegistryProblem.Create(400, "invalid_range", "'since' must be a position or now, 'limit' a number above 0, and 'timeout' milliseconds");
        }

        var patience = HttpMethods.IsGet(context.Request.Method) ? query.Patience : TimeSpan.Zero;
        var (page, head) = await feed.ExecuteAsync(context.GetMount().Repository, context.GetCaller(), query.Feed, patience, cancellationToken);
        return page is null ? RegistryProblem.Create(404, "not_found", "Not found")
            : query.Feed.Since > head ? RegistryProblem.Create(400, "invalid_range", $"The feed ends at {head}; after a restore it is followed from 0 again")
            : Send(context, page);
    }

    /// <summary>What is left out silently would make a mirror believe that it has everything.</summary>
    private static ProblemHttpResult? Refuse(IQueryCollection query) =>
        query["include_docs"] == "true" ? Unsupported("The feed has no documents: ask for each package")
        : query.ContainsKey("filter") || query.ContainsKey("doc_ids") || query.ContainsKey("view") ? Unsupported("The feed is not filtered")
        : query["feed"].ToString() is not ("" or "normal" or "longpoll") ? Unsupported("The feed is normal or longpoll: it is asked again for what comes next")
        : null;

    private static ProblemHttpResult Unsupported(string sentence) => RegistryProblem.Create(400, "unsupported_feed", sentence);

    private static (FeedQuery Feed, TimeSpan Patience)? QueryOf(IQueryCollection query) =>
        Number(query["since"] == "now" ? "" : query["since"].ToString(), 0) is { } since
        && Number(query["limit"].ToString(), DefaultLimit) is { } limit && limit > 0
        && Number(query["timeout"].ToString(), (long)LongestWait.TotalMilliseconds) is { } milliseconds
            ? (new FeedQuery(query["since"] == "now" ? null : since, (int)Math.Min(limit, MostLimit), query["descending"] == "true"),
                query["feed"] == "longpoll" ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, LongestWait.TotalMilliseconds)) : TimeSpan.Zero)
            : null;

    private static long? Number(string text, long otherwise) =>
        text.Length == 0 ? otherwise : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static BytesResult Send(HttpContext context, FeedPage page)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            Write(writer, page);
        }

        context.Response.Headers.CacheControl = "no-store"; // the same question has another answer at any time, and for any caller
        return new BytesResult(buffer.WrittenMemory, "application/json; charset=utf-8");
    }

    private static void Write(Utf8JsonWriter writer, FeedPage page)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("results");
        foreach (var entry in page.Entries)
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq", entry.Position);
            writer.WriteString("id", entry.Package);
            writer.WriteStartArray("changes");
            writer.WriteStartObject();
            writer.WriteString("rev", entry.Rev);
            writer.WriteEndObject();
            writer.WriteEndArray();
            if (entry.IsDeleted)
            {
                writer.WriteBoolean("deleted", true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("last_seq", page.LastPosition);
        writer.WriteEndObject();
    }
}
