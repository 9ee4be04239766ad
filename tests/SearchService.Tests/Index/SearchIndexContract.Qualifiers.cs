using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;

namespace Registry.SearchService.Tests.Index;

/// <summary>The part about qualifiers (npm protocol 3.8).</summary>
public abstract partial class SearchIndexContract
{
    [Theory]
    [InlineData("scope:acme", "@acme/pad")]
    [InlineData("scope:@ACME", "@acme/pad")]
    [InlineData("scope:acm", "")]
    [InlineData("author:ada", "@acme/pad")]
    [InlineData("author:\"Ada  Lovelace\"", "@acme/pad")]
    [InlineData("author:ada@example.test", "@acme/pad")]
    [InlineData("author:eve", "left-pad")]
    [InlineData("author:bob", "")]
    [InlineData("maintainer:bob", "@acme/pad,left-pad")]
    [InlineData("maintainer:bob author:eve", "left-pad")]
    [InlineData("keywords:cli", "@acme/pad,left-pad")]
    [InlineData("keywords:cli,text", "@acme/pad,left-pad,right-pad")]
    [InlineData("keywords:cli+text", "left-pad")]
    [InlineData("keywords:cli+nothing,text", "left-pad,right-pad")]
    [InlineData("keywords:cli,-text", "@acme/pad")]
    [InlineData("keywords:-text", "@acme/pad")]
    [InlineData("keywords:\"two words\"", "right-pad")]
    [InlineData("keywords:o'clock\\", "right-pad")]
    [InlineData("is:unstable", "left-pad,right-pad")]
    [InlineData("not:unstable", "@acme/pad")]
    [InlineData("is:insecure", "")]
    [InlineData("not:insecure scope:acme", "@acme/pad")]
    [InlineData("right keywords:text", "right-pad")]
    [InlineData("keywords:text nothing-like-it", "")]
    [InlineData("is:else", "")]
    [InlineData("scope:", "")]
    [InlineData("author:\"ada", "")]
    public async Task Qualifiers_narrow_what_is_found_and_unknown_ones_are_text(string text, string found)
    {
        var ada = new Person("ada", "ada@example.test");
        var bob = new Person("bob", null);
        await PutAsync(Document("@acme/pad", keywords: ["CLI"]) with { Author = "Ada Lovelace", AuthorEmail = "Ada@example.test", Publisher = ada, Maintainers = [ada, bob] });
        await PutAsync(Document("left-pad", keywords: ["cli", "text"]) with { Version = "0.9.0", Author = "eve", Maintainers = [bob] });
        await PutAsync(Document("right-pad", keywords: ["text", "two words", "o'clock\\"]) with { Version = "1.0.0-beta.1", Author = null, Maintainers = [ada] });

        var page = await SearchAsync(text);

        NamesOf(page).Order(StringComparer.Ordinal).ShouldBe(found.Split(',', StringSplitOptions.RemoveEmptyEntries));
        page.Total.ShouldBe(page.Hits.Count);
    }

    [Fact]
    public async Task Qualified_pages_show_every_match_once()
    {
        foreach (var number in Enumerable.Range(0, 9))
        {
            await PutAsync(Document($"walked-{number}", keywords: [number % 3 == 0 ? "third" : "other"]));
        }

        var seen = new List<string>();
        for (var from = 0; from < 4; from += 2)
        {
            var page = await SearchAsync("keywords:third", from: from, size: 2);
            page.Total.ShouldBe(3);
            seen.AddRange(NamesOf(page));
        }

        seen.ShouldBe(["walked-0", "walked-3", "walked-6"]);
    }

    [Fact]
    public async Task The_full_name_comes_first_unless_that_is_switched_off()
    {
        await PutAsync(Document("@a/router-http"));
        await PutAsync(Document("http-router"));

        (await NamesAsync("router-http")).ShouldBe(["@a/router-http", "http-router"]);
        (await NamesAsync("router-http boost-exact:true")).ShouldBe(["@a/router-http", "http-router"]);
        (await NamesAsync("router-http boost-exact:false")).ShouldBe(["http-router", "@a/router-http"]);
    }

    [Fact]
    public async Task Qualifiers_show_nobody_more_than_they_may_read()
    {
        await PutAsync(Document("qualified-open", keywords: ["both"]));
        await PutAsync(Document("qualified-hidden", keywords: ["both"], readers: ["team:7"]));

        (await NamesAsync("keywords:both,other")).ShouldBe(["qualified-open"]);
        NamesOf(await SearchAsync("keywords:both,other", SearchReader.Of(Caller("1") with { TeamIds = ["7"] }))).ShouldBe(["qualified-hidden", "qualified-open"]);
    }
}
