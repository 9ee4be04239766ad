namespace Registry.SearchService.Index;

/// <summary>The engines by name, as tables, metrics and answers say it.</summary>
internal static class Engines
{
    public const string Postgres = "postgresql";

    public const string Elasticsearch = "elasticsearch";
}
