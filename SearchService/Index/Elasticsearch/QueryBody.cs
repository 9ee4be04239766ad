using System.Text.Json.Nodes;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>
/// A search as the engine reads it. Every match scores a constant, so that ranking is <see cref="ISearchIndex"/>'s and not the
/// engine's: no frequencies, no lengths, no scripts.
/// </summary>
internal static class QueryBody
{
    /// <summary>The whole body of a search.</summary>
    public static JsonObject Of(SearchQuery query)
    {
        var (from, size) = query.Window;
        var lists = query.Asked.Text.Length == 0;
        return new JsonObject
        {
            ["track_total_hits"] = true,
            ["from"] = size == 0 ? 0 : from,
            ["size"] = size,
            ["_source"] = new JsonArray(IndexDefinition.Document),
            ["sort"] = lists ? new JsonArray(IndexDefinition.Package, IndexDefinition.Repository) : new JsonArray("_score", IndexDefinition.Package, IndexDefinition.Repository),
            ["query"] = lists ? new JsonObject { ["bool"] = new JsonObject { ["filter"] = Visible(query) } } : Ranked(query),
        };
    }

    private static JsonObject Ranked(SearchQuery query)
    {
        var fullName = Tokenizer.Fold(query.Asked.Text);
        var terms = Tokenizer.QueryTerms(query.Asked.Text);
        var (exact, underScope) = query.Asked.BoostsExact ? (1000, 500) : (0, 0);
        var named = Scoring(exact, Term(IndexDefinition.NameFolded, fullName));
        var found = new JsonArray(named.DeepClone());
        if (terms.Count > 0)
        {
            found.Add(new JsonObject { ["bool"] = new JsonObject { ["must"] = Each(terms, Best) } });
        }

        return new JsonObject
        {
            ["function_score"] = new JsonObject
            {
                ["query"] = new JsonObject
                {
                    ["bool"] = new JsonObject
                    {
                        ["filter"] = Visible(query),
                        ["must"] = new JsonArray(new JsonObject { ["bool"] = new JsonObject { ["should"] = found, ["minimum_should_match"] = 1 } }),

                        // The full name scores above, so only what a name under a scope gets is added here.
                        ["should"] = new JsonArray(Scoring(underScope, Bool(must: Term(IndexDefinition.UnscopedFolded, fullName), mustNot: Term(IndexDefinition.NameFolded, fullName)))),
                    },
                },
                ["functions"] = new JsonArray(new JsonObject
                {
                    ["field_value_factor"] = new JsonObject { ["field"] = IndexDefinition.NameTermCount, ["modifier"] = "reciprocal" },
                    ["weight"] = 0.1,
                }),
                ["boost_mode"] = "sum",
            },
        };
    }

    /// <summary>A term of the query counts where it matches best.</summary>
    private static JsonObject Best(string term)
    {
        var places = new JsonArray(
            Scoring(8, Term(IndexDefinition.NameTerms, term)),
            Scoring(6, Beginning(IndexDefinition.NameTerms, term)),
            Scoring(4, Term(IndexDefinition.KeywordTerms, term)),
            Scoring(3, Beginning(IndexDefinition.KeywordTerms, term)),
            Scoring(2, Term(IndexDefinition.TextTerms, term)),
            Scoring(1, Beginning(IndexDefinition.TextTerms, term)));
        if (Typos.AreForgivenIn(term))
        {
            places.Add(Scoring(0.5, Terms(IndexDefinition.NameTerms, Typos.Shortened(term).Concat(Typos.Swapped(term)))));
            places.Add(Scoring(0.5, Terms(IndexDefinition.NameMistakes, Typos.Masked(term).Append(term))));
        }

        return new JsonObject { ["dis_max"] = new JsonObject { ["queries"] = places } };
    }

    private static JsonArray Visible(SearchQuery query)
    {
        var visible = new JsonArray(Term(IndexDefinition.Removed, false), ReadableBy(query.Reader));
        if (query.Repository is { } repository)
        {
            visible.Add(Term(IndexDefinition.Repository, repository));
        }

        foreach (var one in query.Asked.Filter.Required)
        {
            visible.Add(Any([.. one.Select(AllOf)]));
        }

        if (query.Asked.Filter.Excluded is { Count: > 0 } excluded)
        {
            visible.Add(new JsonObject { ["bool"] = new JsonObject { ["must_not"] = Terms(IndexDefinition.Facets, excluded) } });
        }

        return visible;
    }

    /// <summary>What everyone may read, and what the reader may read within the limits of the access token.</summary>
    private static JsonObject ReadableBy(SearchReader reader)
    {
        var own = new JsonArray();
        if (!reader.ReadsEverything)
        {
            own.Add(Terms(IndexDefinition.Readers, reader.Ids));
        }

        if (reader.Limits is { Packages: not null } or { Scopes: not null })
        {
            own.Add(Any(
                Terms(IndexDefinition.Package, reader.Limits.Packages ?? []),
                Terms(IndexDefinition.Scope, reader.Limits.Scopes ?? [])));
        }

        return Any(
            Term(IndexDefinition.Readers, Contracts.Http.Packages.SearchDocumentResponse.Everyone),
            new JsonObject { ["bool"] = new JsonObject { ["filter"] = own } });
    }

    private static JsonObject AllOf(string[] facets) =>
        new() { ["bool"] = new JsonObject { ["filter"] = Each(facets, static facet => Term(IndexDefinition.Facets, facet)) } };

    private static JsonArray Each(IEnumerable<string> terms, Func<string, JsonObject> make) => [.. terms.Select(make)];

    private static JsonObject Any(params JsonNode[] some) =>
        new() { ["bool"] = new JsonObject { ["should"] = new JsonArray(some), ["minimum_should_match"] = 1 } };

    private static JsonObject Bool(JsonObject must, JsonObject mustNot) =>
        new() { ["bool"] = new JsonObject { ["filter"] = must, ["must_not"] = mustNot } };

    private static JsonObject Scoring(double score, JsonObject filter) =>
        new() { ["constant_score"] = new JsonObject { ["filter"] = filter, ["boost"] = score } };

    private static JsonObject Term(string field, JsonValue value) => new() { ["term"] = new JsonObject { [field] = value } };

    private static JsonObject Term(string field, string value) => Term(field, JsonValue.Create(value));

    private static JsonObject Term(string field, bool value) => Term(field, JsonValue.Create(value));

    private static JsonObject Terms(string field, IEnumerable<string> values) =>
        new() { ["terms"] = new JsonObject { [field] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) } };

    private static JsonObject Beginning(string field, string value) => new() { ["prefix"] = new JsonObject { [field] = value } };
}
