using System.Net;
using System.Net.Http.Json;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;
using Registry.Testing;

namespace Registry.PackageService.Tests.Features;

public sealed class InternalEndpointTests(PackageSystem system)
{
    [Fact]
    public async Task The_search_document_names_the_readers_and_survives_removal_as_a_revision()
    {
        var user = await system.NewUserAsync();
        var (open, hidden) = (PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x");
        var rev = await system.PublishedAsync(user, open);
        await system.PublishedAsync(user, hidden, access: RequestedAccess.Restricted);

        var before = await DocumentAsync(open);
        var restricted = await DocumentAsync(hidden);
        using var removal = await system.Npm(user).DeleteAsync($"/{open}/-rev/{rev}");
        var after = await DocumentAsync(open);

        before!.Readers.ShouldBe([SearchDocumentResponse.Everyone]);
        before.Description.ShouldBe("A package");
        before.Publisher!.Name.ShouldBe(user.UserName);
        restricted!.Readers.ShouldBe([$"user:{user.UserId}"]);
        removal.StatusCode.ShouldBe(HttpStatusCode.OK);
        after!.Removed.ShouldBeTrue();
        after.Revision.ShouldBeGreaterThan(before.Revision);
        after.Readers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_that_never_was_has_no_search_document()
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);

        (await client.SearchDocumentsAsync(PackageSystem.NewName())).ShouldBeEmpty();
    }

    [Fact]
    public async Task Search_documents_of_many_packages_come_at_once_those_that_are_gone_among_them()
    {
        var user = await system.NewUserAsync();
        var (open, hidden, gone) = (PackageSystem.NewName(), $"@{PackageSystem.NewName("s")}/x", PackageSystem.NewName());
        await system.PublishedAsync(user, open);
        await system.PublishedAsync(user, hidden, access: RequestedAccess.Restricted);
        using var removal = await system.Npm(user).DeleteAsync($"/{gone}/-rev/{await system.PublishedAsync(user, gone)}");
        using var client = system.Packages.ClientForService(ServiceNames.Search);

        var documents = await client.SearchDocumentsAsync(gone, PackageSystem.NewName(), hidden, open, open);

        documents.OrderBy(document => document.Revision).Select(document => (document.Package, document.Version, document.Removed))
            .ShouldBe([(open, "1.0.0", false), (hidden, "1.0.0", false), (gone, null, true)]);
        documents.Single(document => document.Package == hidden).Readers.ShouldBe([$"user:{user.UserId}"]);
        documents.Single(document => document.Package == open).Maintainers.ShouldBe([new Person(user.UserName!, user.Email)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task Search_documents_of_none_or_too_many_packages_are_refused(int count)
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);

        using var response = await client.PostAsJsonAsync(
            PackageRoutes.SearchDocuments, new SearchDocumentsRequest([.. Enumerable.Repeat(new PackageKey("main", "x"), count)]), RegistryJson.Options);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("?after=-1")]
    [InlineData("?after=0&limit=0")]
    [InlineData("?after=0&limit=1001")]
    [InlineData("?after=x")]
    [InlineData("?after=")]
    public async Task A_range_that_makes_no_sense_is_refused(string query)
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);

        using var response = await client.GetAsync(PackageRoutes.Changes + query);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_feed_pages_without_gap_or_repeat_and_keeps_its_epoch()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        using var client = system.Packages.ClientForService(ServiceNames.Search);
        var start = await PageAsync(client, "");
        foreach (var i in Enumerable.Range(0, 5))
        {
            await system.PublishedAsync(user, name, $"1.0.{i}");
        }

        var seen = new List<Change>();
        var page = start;
        do
        {
            page = await PageAsync(client, $"?after={page.Position}&limit=2");
            seen.AddRange(page.Changes);
        }
        while (page.Changes.Count > 0);

        seen.Where(c => c.Package == name).Select(c => (c.Kind, c.Version)).ShouldBe(Enumerable.Range(0, 5).Select(i => (PackageChangeKind.Published, (string?)$"1.0.{i}")));
        page.Epoch.ShouldBe(start.Epoch);
        page.Head.ShouldBe(page.Position);
    }

    [Fact]
    public async Task What_the_packages_were_at_a_past_position_is_the_same_for_ever_in_one_number_and_one_by_one()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        using var client = system.Packages.ClientForService(ServiceNames.Search);
        await system.PublishedAsync(user, name);
        var past = (await PageAsync(client, "")).Head;
        var before = await DigestAsync(client, past);
        await system.PublishedAsync(user, name, "1.1.0");
        await system.PublishedAsync(user, PackageSystem.NewName());

        var after = await DigestAsync(client, past);
        var list = await client.GetFromJsonAsync<RevisionsPage>($"{PackageRoutes.Revisions}?position={past}", RegistryJson.Options);
        var without = await DigestAsync(client, past, new PackageKey("main", name));

        after.ShouldBe(before);
        list!.Revisions.Single(entry => entry.Package == name).Revision.ShouldBeLessThanOrEqualTo(past);
        (after.Packages, after.Digest).ShouldBe(Sum(list.Revisions));
        (without.Packages, without.Digest).ShouldBe(Sum(list.Revisions.Where(entry => entry.Package != name)));
    }

    [Fact]
    public async Task A_user_is_kept_out_and_a_service_sees_no_dialect()
    {
        using var user = system.Packages.ClientFor(TestKeys.User("x", isAdministrator: true), TestKeys.Mount("internal"));
        using var stranger = system.Packages.ClientForStranger();

        using var forbidden = await user.GetAsync("/changes");
        using var unknown = await stranger.GetAsync(PackageRoutes.Changes);

        forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_web_pages_get_a_package_with_its_newest_version_first()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name, "1.9.0");
        await system.PublishedAsync(user, name, "1.10.0");
        using var client = system.Packages.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Native));

        var package = await client.GetFromJsonAsync<PackageResponse>($"/api/v1/repositories/main/packages/{name}", RegistryJson.Options);
        using var elsewhere = await client.GetAsync($"/api/v1/repositories/loft/packages/{name}");

        package!.Versions.Select(v => v.Version).ShouldBe(["1.10.0", "1.9.0"]);
        package.DistTags.ShouldBe(new Dictionary<string, string> { ["latest"] = "1.10.0" });
        package.Maintainers.ShouldHaveSingleItem().Name.ShouldBe(user.UserName);
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static (long Packages, long Digest) Sum(IEnumerable<RevisionEntry> entries)
    {
        var digest = new RevisionDigest();
        foreach (var (repository, package, revision) in entries)
        {
            digest.Add(repository, package, revision);
        }

        return (digest.Packages, digest.Value);
    }

    private static async Task<RevisionDigestResponse> DigestAsync(HttpClient client, long position, params PackageKey[] except)
    {
        using var response = await client.PostAsJsonAsync(PackageRoutes.RevisionDigest, new RevisionDigestRequest(position, except), RegistryJson.Options);
        return (await response.Content.ReadFromJsonAsync<RevisionDigestResponse>(RegistryJson.Options))!;
    }

    private static async Task<ChangesPage> PageAsync(HttpClient client, string query) =>
        (await client.GetFromJsonAsync<ChangesPage>(PackageRoutes.Changes + query, RegistryJson.Options))!;

    private async Task<SearchDocumentResponse?> DocumentAsync(string name)
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);
        return (await client.SearchDocumentsAsync(name)).Single();
    }
}
