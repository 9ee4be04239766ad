using System.Text.RegularExpressions;

namespace Registry.SearchService.Index;

/// <summary>
/// What was typed, with the qualifiers of npm's search taken out of it (npm protocol 3.8): <c>scope: author: maintainer: keywords: is: not:
/// boost-exact:</c>, a value with spaces in double quotes. What looks like a qualifier and is none is text like any other.
/// </summary>
/// <param name="Text">What is left to find terms for, at most <see cref="Tokenizer.LongestQuery"/> characters with the qualifiers.</param>
/// <param name="Filter">What the qualifiers demand.</param>
/// <param name="BoostsExact">Whether a package whose name is the text comes first.</param>
internal sealed partial record AskedText(string Text, SearchFilter Filter, bool BoostsExact)
{
    public static AskedText Parse(string query)
    {
        var taken = new Qualifiers();
        var text = Qualified().Replace(Tokenizer.CutQuery(query), match =>
        {
            var value = match.Groups["value"].Value.Replace("\"", "", StringComparison.Ordinal).Trim();
            return taken.Take(match.Groups["name"].Value.ToLowerInvariant(), value) ? "" : match.Value;
        });
        return new AskedText(text.Trim(), new SearchFilter(taken.Required, taken.Excluded), taken.BoostsExact);
    }

    [GeneratedRegex("""(?<!\S)(?<name>scope|author|maintainer|keywords|is|not|boost-exact):(?<value>(?:"[^"]+"|[^\s"])+)(?!\S)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Qualified();

    private sealed class Qualifiers
    {
        private static readonly string[] Flags = [Facets.Unstable, "insecure"]; // nobody tells search of insecure packages: it knows of none

        public List<string[][]> Required { get; } = [];

        public List<string> Excluded { get; } = [];

        public bool BoostsExact { get; private set; } = true;

        /// <returns>False when this is no qualifier but text.</returns>
        public bool Take(string name, string value) =>
            name switch
            {
                Facets.Keywords => TakeKeywords(value),
                Facets.Scope => Require([[Facets.Of(name, value.TrimStart('@'))]]),
                Facets.Author or Facets.Maintainer => Require([[Facets.Of(name, value)]]),
                Facets.Is => Flags.Contains(value) && Require([[Facets.Of(name, value)]]),
                "not" => Flags.Contains(value) && Exclude([Facets.Of(Facets.Is, value)]),
                _ => bool.TryParse(value, out var boosts) && Boost(boosts),
            };

        /// <summary><c>a,b</c> is either, <c>a+b</c> both, <c>-c</c> not that one.</summary>
        private bool TakeKeywords(string value)
        {
            var parts = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToLookup(static part => part[0] == '-');
            string[][] alternatives = [.. parts[false].Select(AllOf).Where(static all => all.Length > 0)];
            string[] without = [.. parts[true].Where(static part => part.Length > 1).Select(static part => Facets.Of(Facets.Keywords, part[1..]))];
            return (alternatives.Length > 0 && Require(alternatives)) | (without.Length > 0 && Exclude(without));
        }

        private static string[] AllOf(string keywords) =>
            [.. keywords.Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static keyword => Facets.Of(Facets.Keywords, keyword))];

        private bool Require(string[][] alternatives)
        {
            Required.Add(alternatives);
            return true;
        }

        private bool Exclude(string[] facets)
        {
            Excluded.AddRange(facets);
            return true;
        }

        private bool Boost(bool boosts)
        {
            BoostsExact = boosts;
            return true;
        }
    }
}

/// <summary>What packages have to be beside what their terms say, in <see cref="Facets"/>.</summary>
/// <param name="Required">Each has to hold: one of its alternatives, with every facet of that.</param>
/// <param name="Excluded">None of these may hold.</param>
internal sealed record SearchFilter(IReadOnlyList<string[][]> Required, IReadOnlyList<string> Excluded)
{
    public bool IsEmpty => Required.Count + Excluded.Count == 0;
}
