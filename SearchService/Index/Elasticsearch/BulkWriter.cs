using System.Buffers;
using System.Text.Json;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>
/// Writes documents in bounded batches. Each carries its revision as the external version, so the engine itself refuses an older
/// one. What the engine is too busy for is sent again a few times, with growing pauses and in halves, because it also refuses what is
/// too much for it at once; a page that still does not get through fails as a whole, and whoever follows the feed brings it again.
/// </summary>
internal sealed class BulkWriter(ElasticsearchClient client, TimeProvider clock)
{
    private const int MostItems = 500;
    private const int MostBytes = 5 * 1024 * 1024;
    private const int MostAttempts = 6;
    private const string Wanted = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Writes documents through an alias; a missing one is never made by writing.</summary>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="TimeoutException">The engine is away, stays too busy, or the alias is missing.</exception>
    public async Task<IndexOutcome[]> WriteAsync(string alias, IReadOnlyList<IndexedDocument> documents, bool visible, CancellationToken cancellationToken)
    {
        var outcomes = new IndexOutcome[documents.Count];
        var to = new Target(alias, visible, outcomes);
        var batch = new List<Item>();
        var bytes = 0;
        for (var at = 0; at < documents.Count; at++)
        {
            if (documents[at].Package.Contains('\0', StringComparison.Ordinal) || documents[at].Repository.Contains('\0', StringComparison.Ordinal))
            {
                outcomes[at] = new IndexOutcome.Refused("The name contains a NUL character."); // as every engine does
                continue;
            }

            var item = new Item(at, LinesOf(documents[at]));
            if (batch.Count == MostItems || (batch.Count > 0 && bytes + item.Lines.Length > MostBytes))
            {
                await SendAsync(to, batch, 1, cancellationToken);
                (batch, bytes) = ([], 0);
            }

            batch.Add(item);
            bytes += item.Lines.Length;
        }

        await SendAsync(to, batch, 1, cancellationToken);
        return outcomes;
    }

    private static byte[] LinesOf(IndexedDocument document)
    {
        var lines = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(lines);
        json.WriteStartObject();
        json.WriteStartObject("index");
        json.WriteString("_id", IndexDefinition.IdOf(document.Repository, document.Package));
        json.WriteNumber("version", document.Revision);
        json.WriteString("version_type", "external");
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        lines.Write("\n"u8);
        json.Reset();
        IndexDefinition.Write(json, document);
        json.Flush();
        lines.Write("\n"u8);
        return lines.WrittenSpan.ToArray();
    }

    private async Task SendAsync(Target to, IReadOnlyList<Item> batch, int attempt, CancellationToken cancellationToken)
    {
        var again = batch.Count == 0 ? batch : await SendOnceAsync(to, batch, attempt == MostAttempts, cancellationToken);
        if (again.Count > 0)
        {
            await Task.Delay(FirstPause * Math.Pow(2, attempt - 1), clock, cancellationToken);
            foreach (var half in again.Chunk((again.Count + 1) / 2))
            {
                await SendAsync(to, half, attempt + 1, cancellationToken);
            }
        }
    }

    /// <returns>What has to be sent again.</returns>
    private async Task<IReadOnlyList<Item>> SendOnceAsync(Target to, IReadOnlyList<Item> batch, bool last, CancellationToken cancellationToken)
    {
        try
        {
            var request = new EngineRequest("bulk", HttpMethod.Post, $"{to.Alias}/_bulk?require_alias=true&timeout=10s&filter_path={Wanted}{(to.Visible ? "&refresh=wait_for" : "")}")
            {
                Lines = [.. batch.SelectMany(item => item.Lines)],
                Patience = Patience,
            };
            using var answer = await client.SendAsync(request, cancellationToken);
            var again = Sort(answer.RootElement.GetProperty("items"), batch, to.Outcomes);
            return again.Count == 0 || !last
                ? again
                : throw new EngineBusyException($"Elasticsearch at {client.Address} stays too busy to write {again.Count} documents.");
        }
        catch (EngineBusyException) when (!last)
        {
            return batch;
        }
    }

    private static List<Item> Sort(JsonElement answers, IReadOnlyList<Item> batch, IndexOutcome[] outcomes)
    {
        var again = new List<Item>();
        foreach (var (answer, item) in answers.EnumerateArray().Zip(batch))
        {
            var result = answer.GetProperty("index");
            switch (result.GetProperty("status").GetInt32())
            {
                case < 300:
                    outcomes[item.At] = new IndexOutcome.Applied();
                    break;
                case 409:
                    outcomes[item.At] = new IndexOutcome.IgnoredAsOlder();
                    break;
                case 400:
                    outcomes[item.At] = new IndexOutcome.Refused(ReasonOf(result.GetProperty("error")));
                    break;
                case 429 or 503:
                    again.Add(item);
                    break;
                case 404:
                    throw new TimeoutException("The search index is missing.");
                case var other:
                    throw new InvalidOperationException($"Elasticsearch answered {other} to a document: {ReasonOf(result.GetProperty("error"))}");
            }
        }

        return again;
    }

    private static string ReasonOf(JsonElement error)
    {
        var reason = error.GetProperty("reason").GetString();
        return error.TryGetProperty("caused_by", out var cause) && cause.TryGetProperty("reason", out var inner) ? $"{reason}: {inner.GetString()}" : reason ?? "no reason given";
    }

    /// <param name="At">Its place among the documents.</param>
    /// <param name="Lines">What is sent for it.</param>
    private sealed record Item(int At, byte[] Lines);

    /// <param name="Alias">Where it is written to.</param>
    /// <param name="Visible">Wait until searches find it.</param>
    /// <param name="Outcomes">What became of each document.</param>
    private sealed record Target(string Alias, bool Visible, IndexOutcome[] Outcomes);
}
