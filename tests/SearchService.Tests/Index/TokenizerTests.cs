using Npgsql;

using Registry.SearchService.Index;
using Registry.Testing;

namespace Registry.SearchService.Tests.Index;

public sealed class TokenizerTests
{
    [Theory]
    [InlineData("left-pad", "left,pad,leftpad")]
    [InlineData("@acme/left_pad.js", "acme,left,pad,js,leftpadjs")]
    [InlineData("lodash.isEqual", "lodash,isequal,is,equal,lodashisequal")]
    [InlineData("HTMLParser2", "htmlparser2,html,parser,2")]
    [InlineData("vue3-router", "vue3,vue,3,router,vue3router")]
    [InlineData("x", "x")]
    [InlineData("-", "")]
    public void A_name_is_split_at_signs_case_and_digits_and_also_run_together(string name, string terms) =>
        string.Join(',', Tokenizer.NameTerms(name)).ShouldBe(terms);

    [Theory]
    [InlineData("Pads a String's end", "pads,a,string,s,end")]
    [InlineData("naïve Ünïcode", "naive,unicode")]
    [InlineData("包 管理", "包,管,理")]
    [InlineData("हिन्दी", "हिन्दी")]
    [InlineData("a\0b\u200bc", "a,b,c")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Text_is_split_at_what_is_no_letter_or_digit(string? text, string terms) =>
        string.Join(',', Tokenizer.IndexTerms(text, 100)).ShouldBe(terms);

    [Theory]
    [InlineData("isEqual vue3", "isequal,vue3")]
    [InlineData("@acme/left-pad", "acme,left,pad")]
    [InlineData("a a A", "a")]
    public void A_query_asks_for_whole_runs(string query, string terms) => string.Join(',', Tokenizer.QueryTerms(query)).ShouldBe(terms);

    [Fact]
    public void Terms_and_queries_are_bounded()
    {
        Tokenizer.IndexTerms(new string('x', 1000), 10).Single().Length.ShouldBe(Tokenizer.LongestTerm);
        Tokenizer.IndexTerms(string.Join(' ', Enumerable.Range(0, 1000)), 10).Count.ShouldBe(10);
        Tokenizer.QueryTerms(string.Join(' ', Enumerable.Range(0, 1000))).Count.ShouldBe(Tokenizer.MostQueryTerms);
        Tokenizer.CutQuery($"  {new string('q', 1000)}").Length.ShouldBe(Tokenizer.LongestQuery);
    }

    [Fact]
    public void No_character_is_cut_in_half()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("\U00010428", 200)); // a letter beyond the basic plane: two characters each

        Tokenizer.IndexTerms(text, 10).ShouldAllBe(term => IsWhole(term));
        IsWhole(Tokenizer.CutQuery(text)).ShouldBeTrue();
        IsWhole(Facets.Of(Facets.Author, text)).ShouldBeTrue();
        IsWhole(text[..2]).ShouldBeFalse();
    }

    private static bool IsWhole(string text) => text.EnumerateRunes().All(static rune => rune != System.Text.Rune.ReplacementChar);

    [Fact]
    public async Task Letters_are_folded_as_PostgreSQL_normalises_them()
    {
        await using var source = NpgsqlDataSource.Create(BackingServers.Postgres);
        await using var command = source.CreateCommand("""
            SELECT letter, lower(regexp_replace(normalize(letter, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE "C.utf8")
            FROM unnest($1::text[]) AS letter
            """);
        var letters = FoldedLetters.All.Keys.Select(letter => letter.ToString()).ToArray();
        command.Parameters.Add(new NpgsqlParameter { Value = letters });

        var wrong = new List<string>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            if (Tokenizer.Fold(rows.GetString(0)) != rows.GetString(1))
            {
                wrong.Add($"U+{(int)rows.GetString(0)[0]:X4} {Tokenizer.Fold(rows.GetString(0))} {rows.GetString(1)}");
            }
        }

        wrong.ShouldBeEmpty();
        letters.Length.ShouldBeGreaterThan(600);
    }

    [Theory]
    [InlineData("abcd", "abcd", false)]
    [InlineData("abcd", "abc", true)]
    [InlineData("abcd", "xabcd", true)]
    [InlineData("abcd", "abxd", true)]
    [InlineData("abcd", "abdc", true)]
    [InlineData("abcd", "bacd", true)]
    [InlineData("abcd", "bcda", false)]
    [InlineData("abcd", "abcdef", false)]
    [InlineData("abcd", "dcba", false)]
    [InlineData("", "", false)]
    [InlineData("", "a", true)]
    public void One_mistake_is_a_character_more_less_other_or_swapped(string one, string other, bool apart)
    {
        Typos.IsOneApart(one, other).ShouldBe(apart);
        Typos.IsOneApart(other, one).ShouldBe(apart);
        if (apart)
        {
            Typos.Remainders(one).Intersect(Typos.Remainders(other)).ShouldNotBeEmpty();
        }
    }
}
