using Registry.Contracts.Http.Packages;
using Registry.Contracts.Http.Search;
using Registry.Web.Features.Search;
using Registry.Web.Shell;

namespace Registry.Web.Tests;

public sealed class SearchPageTests
{
    private static readonly SearchResultResponse Result = new(
        "main", "@acme/tools", "1.2.3", "Sharp tools", ["saw", "c++"], "MIT", new Person("ada", "ada@example.test"),
        new DateTimeOffset(2026, 11, 20, 23, 30, 0, TimeSpan.FromHours(-2)), 1.5);

    [Fact]
    public async Task Results_name_the_package_and_link_to_its_page()
    {
        var page = await RenderAsync("tools", 1, 1, Result);

        page.Text("h1").ShouldBe("1 package for “tools”");
        var link = page.QuerySelector(".results h2 a");
        link.Text().ShouldBe("@acme/tools");
        link!.GetAttribute("href").ShouldBe("/packages/@acme/tools");
        page.Text(".results .facts").ShouldBe("1.2.3 published 2026-11-21 by ada MIT");
        page.Texts(".keywords a").ShouldBe(["saw", "c++"]);
        page.QuerySelectorAll(".keywords a")[1].GetAttribute("href").ShouldBe("/search?q=c%2B%2B");
        page.QuerySelector("input[name=q]")!.GetAttribute("value").ShouldBe("tools");
        page.Body!.TextContent.ShouldNotContain("ada@example.test");
    }

    [Fact]
    public async Task Everything_a_publisher_or_searcher_wrote_is_text()
    {
        const string Script = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
        var hostile = Result with { Description = Script, Keywords = [Script], License = Script, Publisher = new Person(Script, null) };

        var page = await RenderAsync(Script, 1, 1, hostile);

        page.QuerySelectorAll("script, img[onerror]").ShouldBeEmpty();
        page.Text(".results p").ShouldBe(Script);
        page.QuerySelector("input[name=q]")!.GetAttribute("value").ShouldBe(Script);
    }

    [Fact]
    public async Task A_package_of_an_upstream_says_so_and_links_to_its_page()
    {
        var page = await RenderAsync("tools", 1, 2, Result, Result with { Name = "far-tools", Publisher = null, PublishedAt = null, Upstream = "far" });

        page.QuerySelectorAll(".results .label").Select(static label => label.TextContent).ShouldBe(["from far"]);
        page.QuerySelectorAll(".results h2 a")[1].GetAttribute("href").ShouldBe("/packages/far-tools");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_without_an_upstream_says_that_there_may_be_more(bool partial)
    {
        foreach (var results in new[] { [], new[] { Result } })
        {
            var page = await Rendering.RenderAsync<SearchPage>(
                (nameof(SearchPage.Query), "tools"), (nameof(SearchPage.Results), results), (nameof(SearchPage.Partial), partial));

            page.Text("main").Contains("Not every upstream answered", StringComparison.Ordinal).ShouldBe(partial);
        }
    }

    [Fact]
    public async Task Nothing_found_says_so()
    {
        var page = await RenderAsync("zebra", 1, 0);

        page.Text("h1").ShouldBe("Nothing found");
        page.Text("main").ShouldContain("“zebra”");
        page.QuerySelector(".pager").ShouldBeNull();
    }

    [Fact]
    public async Task Before_a_search_the_page_asks_for_one()
    {
        var page = await Rendering.RenderAsync<SearchPage>((nameof(SearchPage.Query), ""));

        page.Text("h1").ShouldBe("Search packages");
    }

    [Theory]
    [InlineData(1, 20, null, null)]
    [InlineData(1, 21, null, "/search?q=a%26b&page=2")]
    [InlineData(2, 60, "/search?q=a%26b", "/search?q=a%26b&page=3")]
    [InlineData(3, 60, "/search?q=a%26b&page=2", null)]
    [InlineData(500, 1_000_000, "/search?q=a%26b&page=499", null)]
    public async Task Pages_lead_to_their_neighbours(int number, long total, string? previous, string? next)
    {
        var page = await RenderAsync("a&b", number, total, Result);

        page.QuerySelector(".pager a[rel=prev]")?.GetAttribute("href").ShouldBe(previous);
        page.QuerySelector(".pager a[rel=next]")?.GetAttribute("href").ShouldBe(next);
        (page.QuerySelectorAll(".pager a").Length).ShouldBe((previous is null ? 0 : 1) + (next is null ? 0 : 1));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("", 1)]
    [InlineData("abc", 1)]
    [InlineData("0", 1)]
    [InlineData("-5", 1)]
    [InlineData("7", 7)]
    [InlineData("999999", 500)]
    [InlineData("99999999999999999999", 1)]
    public void A_page_number_is_read_leniently_and_bounded(string? text, int expected) =>
        Paging.NumberFrom(text, 20).ShouldBe(expected);

    private static Task<AngleSharp.Html.Dom.IHtmlDocument> RenderAsync(string query, int number, long total, params SearchResultResponse[] results) =>
        Rendering.RenderAsync<SearchPage>(
            (nameof(SearchPage.Query), query),
            (nameof(SearchPage.Results), results),
            (nameof(SearchPage.Paging), new Paging(number, 20, total)));
}
