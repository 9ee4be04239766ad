using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;

namespace Registry.SearchService.Tests.Index;

/// <summary>What every search index does. An adapter adds a subclass and nothing else. Each test has a repository of its own.</summary>
public abstract class SearchIndexContract
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
    public async Task What_is_found_is_the_document_as_it_was_put()
    {
        var document = Document("whole", "All \0 of \"it\" \ud83d\ude80", keywords: ["k1", "k2"]);
        await PutAsync(document);

        (await SearchAsync("whole")).Hits.Single().Document.ShouldBeEquivalentTo(document);
    }

    [Fact]
    public async Task A_higher_revision_replaces_a_document_and_its_old_terms()
    {
        await PutAsync(Document("changing", "before", revision: 1));

        var outcome = await Index.PutAsync(Document("changing", "after", revision: 2), CancellationToken.None);

        outcome.ShouldBeOfType<IndexOutcome.Applied>();
        (await NamesAsync("before")).ShouldBeEmpty();
        (await NamesAsync("after")).ShouldBe(["changing"]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task The_same_or_a_lower_revision_changes_nothing(long revision)
    {
        await PutAsync(Document("steady", "newer", revision: 5));

        var outcome = await Index.PutAsync(Document("steady", "older", revision: revision), CancellationToken.None);

        outcome.ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await NamesAsync("newer")).ShouldBe(["steady"]);
    }

    [Fact]
    public async Task Revisions_in_any_order_at_once_end_at_the_highest()
    {
        var revisions = Enumerable.Range(1, 20).Select(revision => (long)revision).OrderBy(revision => revision * 7 % 20);

        await Task.WhenAll(revisions.Select(revision =>
            Index.PutAsync(Document("raced", $"revision{revision}x", revision: revision), CancellationToken.None)));

        (await SearchAsync("raced")).Hits.Single().Document.Revision.ShouldBe(20);
        (await NamesAsync("revision20x")).ShouldBe(["raced"]);
    }

    [Fact]
    public async Task A_removed_package_is_not_found_and_an_older_document_does_not_bring_it_back()
    {
        await PutAsync(Document("gone", revision: 3));

        (await Index.RemoveAsync(_repository, "gone", 5, CancellationToken.None)).ShouldBeOfType<IndexOutcome.Applied>();

        (await Index.PutAsync(Document("gone", revision: 4), CancellationToken.None)).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await Index.PutAsync(Document("gone", revision: 5), CancellationToken.None)).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await SearchAsync("gone")).Total.ShouldBe(0);
        (await SearchAsync("")).Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_removal_that_comes_before_its_document_still_wins()
    {
        await Index.RemoveAsync(_repository, "early", 5, CancellationToken.None);

        await PutAsync(Document("early", revision: 4), applied: false);

        (await NamesAsync("early")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_older_removal_changes_nothing_and_a_package_published_again_is_found()
    {
        await PutAsync(Document("phoenix", revision: 7));
        (await Index.RemoveAsync(_repository, "phoenix", 6, CancellationToken.None)).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await NamesAsync("phoenix")).ShouldBe(["phoenix"]);
        await Index.RemoveAsync(_repository, "phoenix", 8, CancellationToken.None);

        await PutAsync(Document("phoenix", revision: 9));

        (await NamesAsync("phoenix")).ShouldBe(["phoenix"]);
    }

    [Fact]
    public async Task Only_what_the_reader_may_read_is_found_and_counted()
    {
        await PutAsync(Document("seen-everyone"));
        await PutAsync(Document("seen-signed-in", readers: [SearchDocumentResponse.SignedIn]));
        await PutAsync(Document("seen-ada", readers: ["user:1"]));
        await PutAsync(Document("seen-org", readers: ["org:7", "user:9"]));
        await PutAsync(Document("seen-team", readers: ["team:3"]));
        await PutAsync(Document("seen-nobody", readers: []));

        (await SearchAsync("seen")).ShouldSatisfyAllConditions(page => page.Total.ShouldBe(1), page => NamesOf(page).ShouldBe(["seen-everyone"]));
        var ada = await SearchAsync("seen", SearchReader.Of(Caller("1")));
        ada.Total.ShouldBe(3);
        NamesOf(ada).ShouldBe(["seen-ada", "seen-everyone", "seen-signed-in"], ignoreOrder: true);
        (await SearchAsync("seen", SearchReader.Of(Caller("2") with { OrganisationIds = ["7"], TeamIds = ["3"] }))).Total.ShouldBe(4);
        (await SearchAsync("seen", SearchReader.Of(Caller("3") with { IsAdministrator = true }))).Total.ShouldBe(6);
        (await SearchAsync("", SearchReader.Of(Caller("1")))).Total.ShouldBe(3);
    }

    [Fact]
    public async Task An_access_tokens_limits_bound_what_only_its_account_may_read()
    {
        await PutAsync(Document("limited-public"));
        await PutAsync(Document("limited-one", readers: ["user:1"]));
        await PutAsync(Document("limited-two", readers: ["user:1"]));
        await PutAsync(Document("@acme/limited", readers: ["user:1"]));

        var byName = await SearchAsync("limited", SearchReader.Of(Caller("1") with { Limits = new TokenLimits(true, ["limited-one"], null) }));
        var byScope = await SearchAsync("limited", SearchReader.Of(Caller("1") with { Limits = new TokenLimits(true, null, ["acme"]) }));
        var readOnly = await SearchAsync("limited", SearchReader.Of(Caller("1") with { Limits = new TokenLimits(true, null, null) }));

        NamesOf(byName).ShouldBe(["limited-one", "limited-public"], ignoreOrder: true);
        NamesOf(byScope).ShouldBe(["@acme/limited", "limited-public"], ignoreOrder: true);
        readOnly.Total.ShouldBe(4);
    }

    [Fact]
    public async Task Another_repositorys_package_of_the_same_name_is_another_package()
    {
        var other = $"r-{Guid.CreateVersion7():n}";
        var name = $"shared{Guid.CreateVersion7():n}";
        await PutAsync(Document(name));
        await PutAsync(Document(name) with { Repository = other });

        (await SearchAsync(name)).Total.ShouldBe(1);
        (await Index.SearchAsync(new SearchQuery(name, null, SearchReader.Anonymous, 0, 10), CancellationToken.None)).Total.ShouldBe(2);
        await Index.RemoveAsync(other, name, 2, CancellationToken.None);
        (await SearchAsync(name)).Total.ShouldBe(1);
    }

    [Fact]
    public async Task A_document_the_engine_cannot_take_is_refused_and_the_others_are_not()
    {
        var outcome = await Index.PutAsync(Document("bad\0name"), CancellationToken.None);

        outcome.ShouldBeOfType<IndexOutcome.Refused>().Reason.ShouldNotBeEmpty();
        await PutAsync(Document("good"));
        (await NamesAsync("good")).ShouldBe(["good"]);
    }

    [Fact]
    public async Task A_very_long_document_is_indexed_by_its_beginning()
    {
        var words = string.Join(' ', Enumerable.Range(0, 100_000).Select(number => $"word{number}x"));
        await PutAsync(Document("long", $"start {new string('y', 5000)} {words}"));

        (await NamesAsync("start word1x")).ShouldBe(["long"]);
        (await NamesAsync(new string('y', 250))).ShouldBe(["long"]);
    }

    private static Caller Caller(string id) => new() { Credential = CredentialState.Accepted, UserId = id, UserName = $"user{id}" };

    private static IEnumerable<string> NamesOf(SearchPage page) => page.Hits.Select(hit => hit.Document.Package);

    private SearchDocumentResponse Document(
        string package, string? description = null, long revision = 1, string[]? keywords = null, string[]? readers = null) =>
        Documents.Of(package, description, _repository, revision, keywords, readers);

    private async Task PutAsync(SearchDocumentResponse document, bool applied = true) =>
        (await Index.PutAsync(document, CancellationToken.None) is IndexOutcome.Applied).ShouldBe(applied);

    private Task<SearchPage> SearchAsync(string text, SearchReader? reader = null, int from = 0, int size = 50) =>
        Index.SearchAsync(new SearchQuery(text, _repository, reader ?? SearchReader.Anonymous, from, size), CancellationToken.None);

    private async Task<IEnumerable<string>> NamesAsync(string text) => NamesOf(await SearchAsync(text));
}
