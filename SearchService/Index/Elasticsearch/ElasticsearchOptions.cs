using System.ComponentModel.DataAnnotations;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>How search uses Elasticsearch, beside <c>ConnectionStrings:elasticsearch</c>. Section <c>Search:Elasticsearch</c>.</summary>
internal sealed class ElasticsearchOptions
{
    public const string Section = "Search:Elasticsearch";

    /// <summary>An API key in its encoded form; wins over the user of the connection string.</summary>
    public string? ApiKey { get; set; }

    /// <summary>What the names of the indexes and aliases begin with; each registry on a cluster needs its own.</summary>
    [RegularExpression("[a-z0-9][a-z0-9_-]{0,99}", ErrorMessage = "Search:Elasticsearch:Prefix must be lower-case letters, digits, '-' and '_', at most 100, and begin with a letter or digit.")]
    public string Prefix { get; set; } = "registry";

    /// <summary>How often written documents become findable. With the poll of a second where there is no broker it stays below the two seconds a publication may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00", ErrorMessage = "Search:Elasticsearch:RefreshInterval must be from 20 ms to a minute.")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);
}
