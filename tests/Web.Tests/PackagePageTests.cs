using AngleSharp.Html.Dom;

using Registry.Contracts.Http.Packages;
using Registry.Web.Features.Packages;
using Registry.Web.Shell;

namespace Registry.Web.Tests;

public sealed class PackagePageTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private static readonly PackageResponse Package = new(
        "main",
        "@acme/tools",
        "Sharp tools",
        "MIT",
        "https://tools.example.test/docs",
        new Dictionary<string, string> { ["beta"] = "2.0.0-beta.1", ["latest"] = "1.2.3" },
        [Version("2.0.0-beta.1", 999), Version("1.2.3", 1_250_000), Version("1.2.2", 12_345, "Use 1.2.3: it is <sharper>")],
        [new Person("ada", "ada@example.test"), new Person("grace", null)],
        Restricted: false,
        Day,
        "# Tools\n\n  indented <b>text</b>");

    [Fact]
    public async Task A_package_shows_what_it_is_and_how_to_install_it()
    {
        var page = await RenderAsync(Package);

        page.Title.ShouldBe("@acme/tools · Registry");
        page.Text("h1").ShouldBe("@acme/tools");
        page.Text(".lead").ShouldBe("Sharp tools");
        page.Text("[aria-labelledby=install] code").ShouldBe("npm install @acme/tools");
        page.Texts(".tags dt").ShouldBe(["latest", "beta"]);
        page.Texts(".tags dd").ShouldBe(["1.2.3", "2.0.0-beta.1"]);
        page.Text(".package-header .version").ShouldBe("1.2.3");
        page.Text(".details").ShouldBe("License MIT Homepage tools.example.test Size 1.3 MB Versions 3 Changed 2026-11-21 Maintainers ada, grace");
        page.QuerySelector(".details a[rel]")!.GetAttribute("href").ShouldBe("https://tools.example.test/docs");
        page.Body!.TextContent.ShouldNotContain("ada@example.test");
    }

    [Fact]
    public async Task Versions_are_listed_with_date_size_and_deprecation()
    {
        var page = await RenderAsync(Package);

        page.Text("#versions").ShouldBe("Versions 3");
        page.Texts(".versions tbody tr").ShouldBe(
        [
            "2.0.0-beta.1 2026-11-21 999 B",
            "1.2.3 2026-11-21 1.3 MB",
            "1.2.2 Deprecated Use 1.2.3: it is <sharper> 2026-11-21 12.3 kB",
        ]);
        page.QuerySelector(".warning").ShouldBeNull();
    }

    [Fact]
    public async Task A_deprecated_latest_version_is_announced_at_the_top()
    {
        var page = await RenderAsync(Package with { Versions = [Version("1.2.3", 1, "Moved to @acme/more")] });

        page.Text(".package-header .warning").ShouldBe("Deprecated. Moved to @acme/more");
    }

    [Fact]
    public async Task The_readme_is_plain_text_as_written()
    {
        var page = await RenderAsync(Package);

        page.QuerySelector(".readme")!.TextContent.ShouldBe("# Tools\n\n  indented <b>text</b>");
        page.QuerySelector(".readme")!.Children.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("/relative")]
    [InlineData("not an address")]
    public async Task A_homepage_that_is_no_web_address_is_text(string homepage)
    {
        var page = await RenderAsync(Package with { Homepage = homepage });

        page.QuerySelectorAll(".details a[rel], script").ShouldBeEmpty();
        page.Text(".details").ShouldContain(homepage);
    }

    [Fact]
    public async Task A_package_with_nothing_but_a_name_is_a_page()
    {
        var bare = new PackageResponse("main", "bare", null, null, null, new Dictionary<string, string>(), [], [], Restricted: true, Day, null);

        var page = await RenderAsync(bare);

        page.Text("h1").ShouldBe("bare");
        page.Text(".package-header .label").ShouldBe("Restricted");
        page.Text("main").ShouldContain("No version of this package is published any more.");
        page.Text("main").ShouldContain("This package has no readme.");
        page.QuerySelector("#tags").ShouldBeNull();
    }

    [Fact]
    public async Task Many_versions_are_paged()
    {
        var many = Package with { Versions = [.. Enumerable.Range(0, 250).Select(i => Version($"1.0.{249 - i}", 10))] };

        var page = await RenderAsync(many, number: 3);

        page.QuerySelectorAll(".versions tbody tr").Length.ShouldBe(50);
        page.Text(".versions tbody .version").ShouldBe("1.0.49");
        page.QuerySelector(".pager a[rel=prev]")!.GetAttribute("href").ShouldBe("/packages/@acme/tools?page=2#versions");
        page.QuerySelector(".pager a[rel=next]").ShouldBeNull();
    }

    [Fact]
    public async Task A_package_that_is_not_there_is_named_as_text()
    {
        var page = await Rendering.RenderAsync<PackageNotFoundPage>((nameof(PackageNotFoundPage.Name), "<script>x</script>/y"));

        page.Text("h1").ShouldBe("Package not found");
        page.Text("main .name").ShouldBe("<script>x</script>/y");
        page.QuerySelector("main .button")!.GetAttribute("href").ShouldBe("/search?q=%3Cscript%3Ex%3C%2Fscript%3E%2Fy");
        page.QuerySelectorAll("script").ShouldBeEmpty();
    }

    private static PackageVersionResponse Version(string version, long size, string? deprecated = null) =>
        new(version, Day, size, "sha512-x", deprecated);

    private static Task<IHtmlDocument> RenderAsync(PackageResponse package, int number = 1) =>
        Rendering.RenderAsync<PackagePage>(
            (nameof(PackagePage.Package), package),
            (nameof(PackagePage.Paging), new Paging(number, 100, package.Versions.Count)));
}
