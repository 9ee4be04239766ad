using Registry.SearchService.Index;
using Registry.SearchService.Index.Postgres;

namespace Registry.SearchService.Tests.Index;

public sealed class PostgresSearchIndexTests(SearchDatabase database) : SearchIndexContract, IClassFixture<SearchDatabase>
{
    internal override ISearchIndex Index { get; } = new PostgresSearchIndex(database.Contexts, database.Source);
}
