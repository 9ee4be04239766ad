using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>
/// The index in Elasticsearch or OpenSearch: numbered indexes behind two aliases, one for the index in use and one for the index
/// being built. Everything goes through the aliases, so switching is one step for every process.
/// </summary>
internal sealed class ElasticsearchIndex(ElasticsearchClient client, IOptions<ElasticsearchOptions> options, TimeProvider clock) : ISearchIndex
{
    /// <summary>Up to so many documents a write waits until they are findable, at most one refresh interval; longer pages fill an index, and each wait would slow that down.</summary>
    private const int MostWaitedFor = 20;

    private const int RevisionsAtOnce = 5000;
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(30);

    private readonly ElasticsearchOptions _options = options.Value;
    private readonly BulkWriter _bulk = new(client, clock);

    public string Engine => Engines.Elasticsearch;

    private string Live => $"{_options.Prefix}-packages";

    public async Task<IReadOnlyList<IndexOutcome>> WriteAsync(IndexRole role, IReadOnlyList<IndexWrite> writes, CancellationToken cancellationToken) =>
        await _bulk.WriteAsync(
            AliasOf(role), [.. writes.Select(IndexedDocument.Of)], visible: role == IndexRole.Live && writes.Count <= MostWaitedFor, cancellationToken);

    public async Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        using var answer = await AskTwiceAsync(new EngineRequest("search", HttpMethod.Post, $"{Live}/_search", QueryBody.Of(query)), cancellationToken);
        var hits = answer.RootElement.GetProperty("hits");
        if (answer.RootElement.GetProperty("_shards").GetProperty("failed").GetInt32() > 0)
        {
            throw new TimeoutException("Elasticsearch answered for a part of the index only.");
        }

        return new SearchPage(
            hits.GetProperty("total").GetProperty("value").GetInt64(),
            [.. hits.GetProperty("hits").EnumerateArray().Select(Read)]);
    }

    public async Task<Guid?> FindAsync(IndexRole role, CancellationToken cancellationToken)
    {
        using var answer = await client.TrySendAsync(
            new EngineRequest("find", HttpMethod.Get, $"{AliasOf(role)}/_mapping"), cancellationToken);
        if (answer is null)
        {
            return null;
        }

        JsonProperty[] indexes = [.. answer.RootElement.EnumerateObject()];
        var identity = IdentityOf(indexes);
        if (identity != Guid.Empty && LacksFacets(indexes[0].Value.GetProperty("mappings")))
        {
            await DoAsync("widen", HttpMethod.Put, $"{AliasOf(role)}/_mapping", IndexDefinition.Facet(), cancellationToken);
        }

        return identity;
    }

    public async Task CreateAsync(IndexRole role, Guid identity, CancellationToken cancellationToken)
    {
        var known = await ListAsync(cancellationToken);
        var held = known.Where(index => index.Value.Contains(AliasOf(role))).Select(index => index.Key).ToList();
        var name = NameAfter(known.Keys);
        var definition = IndexDefinition.Of(identity, _options.RefreshInterval);
        if (held.Count == 0)
        {
            // In one step, and refused when the alias has an index after all (an engine that is still reading its state shows none).
            definition["aliases"] = new JsonObject { [AliasOf(role)] = new JsonObject { ["is_write_index"] = true } };
        }

        await DoAsync("create", HttpMethod.Put, name, definition, cancellationToken);
        if (held.Count > 0)
        {
            await MoveAsync([.. held.Select(Drop), Give(role, name)], cancellationToken);
        }

        foreach (var left in known.Where(index => index.Value.Count == 0))
        {
            await DoAsync("drop", HttpMethod.Delete, left.Key, null, cancellationToken); // from an attempt that was cut off
        }
    }

    /// <summary>Whether there is any index under our prefix, whoever made it.</summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellationToken) => (await ListAsync(cancellationToken)).Count > 0;

    /// <summary>Deletes every index under our prefix, whoever made it.</summary>
    public async Task DeleteAllAsync(CancellationToken cancellationToken)
    {
        foreach (var name in (await ListAsync(cancellationToken)).Keys)
        {
            await DoAsync("drop", HttpMethod.Delete, name, null, cancellationToken);
        }
    }

    public async Task SwitchAsync(CancellationToken cancellationToken)
    {
        var known = await ListAsync(cancellationToken);
        var former = known.Where(index => index.Value.Contains(Live)).Select(index => index.Key).ToList();
        if (known.FirstOrDefault(index => index.Value.Contains(AliasOf(IndexRole.Next))).Key is { } next)
        {
            await RefreshAsync(next, cancellationToken); // or searches miss what was written last
            await MoveAsync([.. former.Select(name => Take(Live, name)), Take(AliasOf(IndexRole.Next), next), Give(IndexRole.Live, next)], cancellationToken);
            foreach (var name in former)
            {
                await DoAsync("drop", HttpMethod.Delete, name, null, cancellationToken); // every node knows the new one by now
            }
        }
    }

    public async IAsyncEnumerable<PackageRevision> ReadRevisionsAsync(IndexRole role, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RefreshAsync(AliasOf(role), cancellationToken);
        var body = new JsonObject
        {
            ["size"] = RevisionsAtOnce,
            ["sort"] = new JsonArray(IndexDefinition.Repository, IndexDefinition.Package),
            ["_source"] = false,
            ["docvalue_fields"] = new JsonArray(IndexDefinition.Repository, IndexDefinition.Package, IndexDefinition.Revision),
        };
        var request = new EngineRequest("scan", HttpMethod.Post, $"{AliasOf(role)}/_search?scroll=1m", body) { Patience = LongPatience };
        while (true)
        {
            using var page = await client.SendAsync(request, cancellationToken);
            var scroll = page.RootElement.GetProperty("_scroll_id").GetString()!;
            var hits = page.RootElement.GetProperty("hits").GetProperty("hits");
            if (hits.GetArrayLength() == 0)
            {
                using var ended = await client.TrySendAsync(
                    new EngineRequest("scan", HttpMethod.Delete, "_search/scroll", new JsonObject { ["scroll_id"] = scroll }), cancellationToken);
                yield break;
            }

            foreach (var hit in hits.EnumerateArray())
            {
                yield return RevisionOf(hit.GetProperty("fields"));
            }

            request = new EngineRequest("scan", HttpMethod.Post, "_search/scroll", new JsonObject { ["scroll"] = "1m", ["scroll_id"] = scroll }) { Patience = LongPatience };
        }
    }

    /// <summary>Looks whether the index in use can be searched.</summary>
    /// <exception cref="TimeoutException">It cannot; the message says why.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken) =>
        DoAsync("probe", HttpMethod.Post, $"{Live}/_search", new JsonObject { ["size"] = 0, ["terminate_after"] = 1 }, cancellationToken);

    private static SearchHit Read(JsonElement hit) =>
        new(
            hit.GetProperty("_source").GetProperty(IndexDefinition.Document).Deserialize<SearchDocumentResponse>(RegistryJson.Options)!,
            hit.GetProperty("_score") is { ValueKind: JsonValueKind.Number } score ? score.GetDouble() : 0);

    private static PackageRevision RevisionOf(JsonElement fields) =>
        new(
            fields.GetProperty(IndexDefinition.Repository)[0].GetString()!,
            fields.GetProperty(IndexDefinition.Package)[0].GetString()!,
            fields.GetProperty(IndexDefinition.Revision)[0].GetInt64());

    /// <summary>An index without our mark, or several behind the alias, are nothing anybody of us made.</summary>
    private static Guid IdentityOf(JsonProperty[] indexes) =>
        indexes is [var only]
            && only.Value.GetProperty("mappings").TryGetProperty("_meta", out var meta)
            && meta.TryGetProperty(IndexDefinition.Identity, out var identity)
            && Guid.TryParse(identity.GetString(), out var found)
            ? found
            : Guid.Empty;

    /// <summary>An index of the version before this one: until it is rebuilt it has to take documents as they are now.</summary>
    private static bool LacksFacets(JsonElement mapping) =>
        !mapping.GetProperty("properties").TryGetProperty(IndexDefinition.Facets, out _);

    private static JsonObject Take(string alias, string name) => new() { ["remove"] = new JsonObject { ["index"] = name, ["alias"] = alias } };

    private static JsonObject Drop(string name) => new() { ["remove_index"] = new JsonObject { ["index"] = name } };

    private string AliasOf(IndexRole role) => role == IndexRole.Live ? Live : $"{Live}-next";

    private JsonObject Give(IndexRole role, string name) =>
        new() { ["add"] = new JsonObject { ["index"] = name, ["alias"] = AliasOf(role), ["is_write_index"] = true } };

    private string NameAfter(IEnumerable<string> names)
    {
        var highest = names.Select(name => int.Parse(name.AsSpan(Live.Length + 1), CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();
        return string.Create(CultureInfo.InvariantCulture, $"{Live}-{highest + 1:000000}");
    }

    /// <summary>Our indexes with their aliases.</summary>
    private async Task<Dictionary<string, HashSet<string>>> ListAsync(CancellationToken cancellationToken)
    {
        using var answer = await client.TrySendAsync(new EngineRequest("list", HttpMethod.Get, $"{Live}-*/_alias"), cancellationToken);
        return answer is null
            ? []
            : answer.RootElement.EnumerateObject()
                .Where(index => index.Name.Length == Live.Length + 7 && int.TryParse(index.Name.AsSpan(Live.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .ToDictionary(
                    index => index.Name,
                    index => index.Value.GetProperty("aliases").EnumerateObject().Select(alias => alias.Name).ToHashSet(StringComparer.Ordinal),
                    StringComparer.Ordinal);
    }

    /// <summary>Asks again, once: a search that is under way fails when its index is dropped after a switch, and the alias leads to the new one by then.</summary>
    private async Task<JsonDocument> AskTwiceAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.TrySendAsync(request, cancellationToken) ?? await client.SendAsync(request, cancellationToken);
        }
        catch (EngineNotReadyException)
        {
            return await client.SendAsync(request, cancellationToken);
        }
    }

    private Task RefreshAsync(string name, CancellationToken cancellationToken) =>
        DoAsync("refresh", HttpMethod.Post, $"{name}/_refresh", null, cancellationToken);

    private Task MoveAsync(JsonObject[] actions, CancellationToken cancellationToken) =>
        DoAsync("alias", HttpMethod.Post, "_aliases", new JsonObject { ["actions"] = new JsonArray(actions) }, cancellationToken);

    private async Task DoAsync(string operation, HttpMethod method, string target, JsonObject? body, CancellationToken cancellationToken)
    {
        using var done = await client.SendAsync(new EngineRequest(operation, method, target, body), cancellationToken);
    }
}
