using Registry.SearchService.Index;

namespace Registry.SearchService.Tests.Index;

/// <summary>The part about the index in use and the one being built. Other tests of the class write to the index in use, one after the other.</summary>
public abstract partial class SearchIndexContract
{
    [Fact]
    public async Task An_index_is_built_beside_the_one_in_use_and_takes_its_place_in_one_step()
    {
        var (before, built) = (await Index.FindAsync(IndexRole.Live, CancellationToken.None), Guid.CreateVersion7());
        await PutAsync(Document("old", revision: 1));
        await Index.CreateAsync(IndexRole.Next, built, CancellationToken.None);
        await Index.WriteAsync(IndexRole.Next, [IndexWrite.Put(Document("new", revision: 2))], CancellationToken.None);
        (await NamesAsync("")).ShouldBe(["old"]);
        (await Index.FindAsync(IndexRole.Next, CancellationToken.None)).ShouldBe(built);
        (await Index.FindAsync(IndexRole.Live, CancellationToken.None)).ShouldBe(before);
        (await RevisionsAsync(IndexRole.Next)).ShouldBe([new PackageRevision(_repository, "new", 2)]);

        await Index.SwitchAsync(CancellationToken.None);

        (await NamesAsync("")).ShouldBe(["new"]);
        (await NamesAsync("neq")).ShouldBeEmpty();
        (await Index.FindAsync(IndexRole.Live, CancellationToken.None)).ShouldBe(built);
        (await Index.FindAsync(IndexRole.Next, CancellationToken.None)).ShouldBeNull();
        await PutAsync(Document("newer", revision: 3));
        (await NamesAsync("newee")).ShouldBe(["newer"]);
    }

    [Fact]
    public async Task An_empty_index_takes_the_place_of_the_one_in_use_or_being_built()
    {
        await PutAsync(Document("left-over", revision: 9));
        await Index.CreateAsync(IndexRole.Next, Guid.CreateVersion7(), CancellationToken.None);
        await Index.WriteAsync(IndexRole.Next, [IndexWrite.Put(Document("half-built", revision: 9))], CancellationToken.None);
        var (live, next) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await Index.CreateAsync(IndexRole.Live, live, CancellationToken.None);
        await Index.CreateAsync(IndexRole.Next, next, CancellationToken.None);

        (await Index.FindAsync(IndexRole.Live, CancellationToken.None)).ShouldBe(live);
        (await Index.FindAsync(IndexRole.Next, CancellationToken.None)).ShouldBe(next);
        (await RevisionsAsync(IndexRole.Live)).ShouldBeEmpty();
        (await RevisionsAsync(IndexRole.Next)).ShouldBeEmpty();
        await PutAsync(Document("left-over", revision: 1));
        (await NamesAsync("")).ShouldBe(["left-over"]);
    }

    [Fact]
    public async Task Searches_are_answered_through_every_switch()
    {
        const int Switches = 5;
        using var ended = new CancellationTokenSource();
        await PutAsync(Document("always"));
        var searching = Enumerable.Range(0, 4).Select(_ => CountWhileAsync(ended.Token)).ToList();

        for (var built = 0; built < Switches; built++)
        {
            await Index.CreateAsync(IndexRole.Next, Guid.CreateVersion7(), CancellationToken.None);
            await Index.WriteAsync(IndexRole.Next, [IndexWrite.Put(Document("always"))], CancellationToken.None);
            await Index.SwitchAsync(CancellationToken.None);
        }

        await ended.CancelAsync();
        (await Task.WhenAll(searching)).ShouldAllBe(searches => searches > Switches);
    }

    [Fact]
    public async Task Removals_are_among_the_revisions()
    {
        await PutAsync(Document("stays", revision: 1));
        await RemoveAsync(_repository, "goes", 2);

        (await RevisionsAsync(IndexRole.Live)).ShouldBe([new PackageRevision(_repository, "goes", 2), new PackageRevision(_repository, "stays", 1)]);
    }

    /// <returns>How many searches found the one package there is; the first that does not throws.</returns>
    private async Task<int> CountWhileAsync(CancellationToken ended)
    {
        var searches = 0;
        for (; !ended.IsCancellationRequested; searches++)
        {
            (await NamesAsync("")).ShouldBe(["always"]);
        }

        return searches;
    }

    private async Task<List<PackageRevision>> RevisionsAsync(IndexRole role) =>
        await Index.ReadRevisionsAsync(role, CancellationToken.None).Where(known => known.Repository == _repository).ToListAsync();
}
