using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;

namespace Registry.SearchService.Tests.Index;

/// <summary>What every search index does. An adapter adds a subclass and nothing else. Each test has a repository of its own.</summary>
public abstract partial class SearchIndexContract
{
    private readonly string _repository = $"r-{Guid.CreateVersion7():n}";

    internal abstract ISearchIndex Index { get; }

    [Theory]
    [InlineData("left")]
    [InlineData("pad")]
    [InlineData("left pad")]
    [InlineData("pad left")]
    [InlineData("LEFT-pad")]
    [InlineData("leftpad")]
    [InlineData("le")]
    [InlineData("string")]
    [InlineData("strings to fixed")]
    [InlineData("align")]
    [InlineData("left align")]
    public async Task A_package_is_found_by_whole_terms_and_beginnings_of_name_keywords_and_description(string text)
    {
        await PutAsync(Document("left-pad", "Pads strings to a fixed width", keywords: ["align", "format"]));
        await PutAsync(Document("unrelated", "Something else"));

        (await NamesAsync(text)).ShouldBe(["left-pad"]);
    }

    [Theory]
    [InlineData("eft")]
    [InlineData("left nothing")]
    [InlineData("xyzzy")]
    [InlineData("!!!")]
    [InlineData("' | ''")]
    [InlineData("a\0b:*&")]
    [InlineData("\ud800")]
    public async Task What_does_not_match_in_every_term_is_not_found(string text)
    {
        await PutAsync(Document("left-pad", "Pads strings"));

        (await SearchAsync(text)).ShouldSatisfyAllConditions(page => page.Total.ShouldBe(0), page => page.Hits.ShouldBeEmpty());
    }

    [Theory]
    [InlineData("lodash", "lodash")]
    [InlineData("ldash", "lodash")]
    [InlineData("llodash", "lodash")]
    [InlineData("lodahs", "lodash")]
    [InlineData("lodazh", "lodash")]
    [InlineData("xodash", "lodash")]
    public async Task One_mistake_in_a_term_of_the_name_is_forgiven(string text, string found)
    {
        await PutAsync(Document("lodash"));
        await PutAsync(Document("different"));

        (await NamesAsync(text)).ShouldBe([found]);
    }

    [Theory]
    [InlineData("lodsah1")]
    [InlineData("olads")]
    [InlineData("loadhs")]
    public async Task Two_mistakes_are_not_forgiven(string text)
    {
        await PutAsync(Document("lodash"));

        (await NamesAsync(text)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mistake_in_a_short_term_or_outside_the_name_is_not_forgiven()
    {
        await PutAsync(Document("vue", "Progressive framework", keywords: ["frontend"]));

        (await NamesAsync("vie")).ShouldBeEmpty();
        (await NamesAsync("framewurk")).ShouldBeEmpty();
        (await NamesAsync("frontedn")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_full_name_comes_first_then_names_then_keywords_then_descriptions_then_mistakes()
    {
        await PutAsync(Document("zz-described", "Works with react"));
        await PutAsync(Document("zz-tagged", keywords: ["react"]));
        await PutAsync(Document("aa-react-tools"));
        await PutAsync(Document("reactor"));
        await PutAsync(Document("react"));
        await PutAsync(Document("@aaa/react"));
        await PutAsync(Document("reach"));

        (await NamesAsync("react")).ShouldBe(["react", "@aaa/react", "aa-react-tools", "reactor", "zz-tagged", "zz-described", "reach"]);
    }

    [Fact]
    public async Task Shorter_names_come_first_and_equals_by_name()
    {
        await PutAsync(Document("http-server-tiny"));
        await PutAsync(Document("http-server"));
        await PutAsync(Document("http-client"));

        (await NamesAsync("http")).ShouldBe(["http-client", "http-server", "http-server-tiny"]);
    }

    [Theory]
    [InlineData("@acme/left-pad")]
    [InlineData("acme left")]
    [InlineData("@acme")]
    [InlineData("@acme/")]
    [InlineData("left-pad")]
    public async Task A_scoped_package_is_found_by_scope_name_and_both(string text)
    {
        await PutAsync(Document("@acme/left-pad"));

        (await NamesAsync(text)).ShouldBe(["@acme/left-pad"]);
    }

    [Theory]
    [InlineData("lodash.isEqual", "equal")]
    [InlineData("lodash.isEqual", "isequal")]
    [InlineData("lodash.isEqual", "isEqual")]
    [InlineData("HTMLParser2", "parser")]
    [InlineData("HTMLParser2", "html parser 2")]
    [InlineData("vue3", "vue 3")]
    public async Task A_name_is_found_by_the_parts_its_case_and_digits_make(string package, string text)
    {
        await PutAsync(Document(package));

        (await NamesAsync(text)).ShouldBe([package]);
    }

    [Theory]
    [InlineData("Überprüfung für Straßen", "uberprufung")]
    [InlineData("uberprufung", "Überprüfung")]
    [InlineData("cafe\u0301 society", "café")]
    [InlineData("ＦＵＬＬ width", "full")]
    [InlineData("проверка Ёлка", "елка")]
    [InlineData("高速な包管理器", "管理")]
    [InlineData("emoji 🚀 rocket", "🚀 rocket")]
    public async Task Marks_case_and_forms_of_letters_make_no_difference(string description, string text)
    {
        await PutAsync(Document("sample", description));

        (await NamesAsync(text)).ShouldBe(["sample"]);
    }

    [Fact]
    public async Task Pages_show_every_match_once_and_the_total_of_all()
    {
        foreach (var number in Enumerable.Range(0, 25))
        {
            await PutAsync(Document($"paged-{number:00}", number % 2 == 0 ? "even" : null));
        }

        var seen = new List<string>();
        for (var from = 0; from < 30; from += 7)
        {
            var page = await SearchAsync("paged", from: from, size: 7);
            page.Total.ShouldBe(25);
            seen.AddRange(page.Hits.Select(hit => hit.Document.Package));
        }

        seen.ShouldBeUnique();
        seen.Count.ShouldBe(25);
        (await SearchAsync("paged", from: int.MaxValue, size: 7)).Total.ShouldBe(25);
        (await SearchAsync("paged", size: 0)).ShouldSatisfyAllConditions(page => page.Total.ShouldBe(25), page => page.Hits.ShouldBeEmpty());
    }

    [Fact]
    public async Task An_empty_text_lists_everything_by_name()
    {
        await PutAsync(Document("b"));
        await PutAsync(Document("a"));
        await PutAsync(Document("C"));

        (await NamesAsync("")).ShouldBe(["C", "a", "b"]);
        (await NamesAsync("  ")).ShouldBe(["C", "a", "b"]);
        (await SearchAsync("", from: 1, size: 1)).Hits.Single().Document.Package.ShouldBe("a");
    }

    [Fact]
    public async Task What_lies_beyond_the_reachable_results_is_counted_but_not_shown()
    {
        await PutAsync(Document("reach-a"));
        await PutAsync(Document("reach-b"));

        foreach (var from in (int[])[SearchQuery.MostReachable - 1, SearchQuery.MostReachable, SearchQuery.MostReachable + 1])
        {
            (await SearchAsync("reach", from: from)).ShouldSatisfyAllConditions(page => page.Total.ShouldBe(2), page => page.Hits.ShouldBeEmpty());
        }

        new SearchQuery("", null, SearchReader.Anonymous, SearchQuery.MostReachable - 3, 10).Window.ShouldBe((SearchQuery.MostReachable - 3, 3));
    }

    [Theory]
    [InlineData("\ud801\udc37\ud801\udc38\ud801\udc39")]
    [InlineData("x\ud801\udc37y")]
    public async Task Letters_beyond_the_basic_plane_are_found_and_mistakes_among_them_harm_nothing(string letters)
    {
        await PutAsync(Document(letters));

        (await NamesAsync(letters)).ShouldBe([letters]);
        (await NamesAsync($"z{letters}")).ShouldBe([letters]);
    }

    private static Caller Caller(string id) => new() { Credential = CredentialState.Accepted, UserId = id, UserName = $"user{id}" };

    private static IEnumerable<string> NamesOf(SearchPage page) => page.Hits.Select(hit => hit.Document.Package);

    private SearchDocumentResponse Document(
        string package, string? description = null, long revision = 1, string[]? keywords = null, string[]? readers = null) =>
        Documents.Of(package, description, _repository, revision, keywords, readers);

    private async Task PutAsync(SearchDocumentResponse document, bool applied = true) =>
        (await WriteAsync(document) is IndexOutcome.Applied).ShouldBe(applied);

    private async Task<IndexOutcome> WriteAsync(SearchDocumentResponse document) =>
        (await Index.WriteAsync(IndexRole.Live, [IndexWrite.Put(document)], CancellationToken.None)).Single();

    private async Task<IndexOutcome> RemoveAsync(string repository, string package, long revision) =>
        (await Index.WriteAsync(IndexRole.Live, [IndexWrite.Remove(repository, package, revision)], CancellationToken.None)).Single();

    private Task<SearchPage> SearchAsync(string text, SearchReader? reader = null, int from = 0, int size = 50) =>
        Index.SearchAsync(new SearchQuery(text, _repository, reader ?? SearchReader.Anonymous, from, size), CancellationToken.None);

    private async Task<IEnumerable<string>> NamesAsync(string text) => NamesOf(await SearchAsync(text));
}
