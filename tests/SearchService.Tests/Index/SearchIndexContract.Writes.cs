using System.Security.Cryptography;
using System.Text.Json;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Tests.Index;

/// <summary>The half about writes, their order, and who may read what.</summary>
public abstract partial class SearchIndexContract
{
    [Fact]
    public async Task What_is_found_is_the_document_as_it_was_put()
    {
        var document = Document("whole", "All \0 of \"it\" \ud83d\ude80", keywords: ["k1", "k2"]);
        await PutAsync(document);

        var found = (await SearchAsync("whole")).Hits.Single().Document;
        JsonSerializer.Serialize(found, RegistryJson.Options).ShouldBe(JsonSerializer.Serialize(document, RegistryJson.Options));
    }

    [Fact]
    public async Task A_higher_revision_replaces_a_document_and_its_old_terms()
    {
        await PutAsync(Document("changing", "before", revision: 1));

        var outcome = await WriteAsync(Document("changing", "after", revision: 2));

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

        var outcome = await WriteAsync(Document("steady", "older", revision: revision));

        outcome.ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await NamesAsync("newer")).ShouldBe(["steady"]);
    }

    [Fact]
    public async Task Revisions_in_any_order_at_once_end_at_the_highest()
    {
        var revisions = Enumerable.Range(1, 20).Select(revision => (long)revision).OrderBy(revision => revision * 7 % 20);

        await Task.WhenAll(revisions.Select(revision =>
            WriteAsync(Document("raced", $"revision{revision}x", revision: revision))));

        (await SearchAsync("raced")).Hits.Single().Document.Revision.ShouldBe(20);
        (await NamesAsync("revision20x")).ShouldBe(["raced"]);
    }

    [Fact]
    public async Task A_removed_package_is_not_found_and_an_older_document_does_not_bring_it_back()
    {
        await PutAsync(Document("gone", revision: 3));

        (await RemoveAsync(_repository, "gone", 5)).ShouldBeOfType<IndexOutcome.Applied>();

        (await WriteAsync(Document("gone", revision: 4))).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await WriteAsync(Document("gone", revision: 5))).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await SearchAsync("gone")).Total.ShouldBe(0);
        (await SearchAsync("")).Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_removal_that_comes_before_its_document_still_wins()
    {
        await RemoveAsync(_repository, "early", 5);

        await PutAsync(Document("early", revision: 4), applied: false);

        (await NamesAsync("early")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_older_removal_changes_nothing_and_a_package_published_again_is_found()
    {
        await PutAsync(Document("phoenix", revision: 7));
        (await RemoveAsync(_repository, "phoenix", 6)).ShouldBeOfType<IndexOutcome.IgnoredAsOlder>();
        (await NamesAsync("phoenix")).ShouldBe(["phoenix"]);
        await RemoveAsync(_repository, "phoenix", 8);

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
        await RemoveAsync(other, name, 2);
        (await SearchAsync(name)).Total.ShouldBe(1);
    }

    [Fact]
    public async Task A_document_the_engine_cannot_take_is_refused_and_the_others_are_not()
    {
        var outcome = await WriteAsync(Document("bad\0name"));

        outcome.ShouldBeOfType<IndexOutcome.Refused>().Reason.ShouldNotBeEmpty();
        await PutAsync(Document("good"));
        (await NamesAsync("good")).ShouldBe(["good"]);
    }

    [Fact]
    public async Task A_name_beyond_what_an_engine_can_look_up_is_refused_and_the_rest_of_the_page_is_not()
    {
        var endless = RandomNumberGenerator.GetHexString(40_000, lowercase: true);

        var outcomes = await Index.WriteAsync(
            IndexRole.Live,
            [IndexWrite.Put(Document("before")), IndexWrite.Put(Document(endless)), IndexWrite.Put(Document("after"))],
            CancellationToken.None);

        outcomes[0].ShouldBeOfType<IndexOutcome.Applied>();
        outcomes[1].ShouldBeOfType<IndexOutcome.Refused>().Reason.ShouldNotBeEmpty();
        outcomes[2].ShouldBeOfType<IndexOutcome.Applied>();
        (await NamesAsync("")).ShouldBe(["after", "before"]);
    }

    [Fact]
    public async Task A_page_says_of_each_write_what_became_of_it()
    {
        await PutAsync(Document("known", revision: 5));

        var outcomes = await Index.WriteAsync(
            IndexRole.Live,
            [IndexWrite.Put(Document("fresh")), IndexWrite.Put(Document("known", revision: 4)), IndexWrite.Remove(_repository, "unknown", 3)],
            CancellationToken.None);

        outcomes.Select(outcome => outcome.GetType().Name).ShouldBe(["Applied", "IgnoredAsOlder", "Applied"]);
        (await Index.WriteAsync(IndexRole.Live, [], CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_long_page_is_written_whole_and_its_revisions_are_read_back_in_order()
    {
        var text = string.Join(' ', Enumerable.Range(0, 900).Select(number => $"word{number}"));
        var page = Enumerable.Range(0, 1200).Select(number => IndexWrite.Put(Document($"bulk-{number:0000}", text, revision: number + 1)));

        var outcomes = await Index.WriteAsync(IndexRole.Live, [.. page], CancellationToken.None);

        outcomes.ShouldAllBe(outcome => outcome is IndexOutcome.Applied);
        var revisions = await Index.ReadRevisionsAsync(IndexRole.Live, CancellationToken.None).Where(known => known.Repository == _repository).ToListAsync();
        revisions.ShouldBe(Enumerable.Range(0, 1200).Select(number => new PackageRevision(_repository, $"bulk-{number:0000}", number + 1)));
        await Registry.Testing.Eventually.ShouldHoldAsync(async () => (await SearchAsync("bulk")).Total == 1200, "all of them are found", 5);
    }

    [Fact]
    public async Task A_very_long_document_is_indexed_by_its_beginning()
    {
        var words = string.Join(' ', Enumerable.Range(0, 100_000).Select(number => $"word{number}x"));
        await PutAsync(Document("long", $"start {new string('y', 5000)} {words}"));

        (await NamesAsync("start word1x")).ShouldBe(["long"]);
        (await NamesAsync(new string('y', 250))).ShouldBe(["long"]);
    }
}
