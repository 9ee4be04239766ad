using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.Messaging;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Running;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Tests.Data;

public sealed class ChangeLogTests(PackageSystem system)
{
    [Fact]
    public async Task A_reader_misses_nothing_when_the_transaction_that_began_first_commits_last()
    {
        await using var first = system.Packages.Services.CreateAsyncScope();
        var (one, two) = (PackageSystem.NewName(), PackageSystem.NewName());
        var after = (await ReadAsync(null)).Position;
        var db = first.ServiceProvider.GetRequiredService<PackageDbContext>();
        await using var open = await db.Database.BeginTransactionAsync();
        var early = await AppendAsync(first.ServiceProvider, one);

        // Its position is drawn and not committed. Without the lock, the next one overtakes it and the reader goes on from there.
        var late = Task.Run(() => AppendAndCommitAsync(two));
        var deadline = TimeProvider.System.GetTimestamp();
        var seen = new List<Change>();
        while (!late.IsCompleted && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(1))
        {
            after = await FollowAsync(after, seen);
        }

        late.IsCompleted.ShouldBeFalse("the second transaction drew a position while the first had not ended");
        await open.CommitAsync();
        var lateRow = await late;
        await FollowAsync(after, seen);

        lateRow.Position.ShouldBeGreaterThan(early.Position);
        seen.Select(c => c.Package).Where(p => p == one || p == two).ShouldBe([one, two]);
    }

    [Fact]
    public async Task A_reader_who_only_looks_forward_sees_every_change_of_many_writers()
    {
        const int Writers = 8;
        const int Each = 15;
        var user = await system.NewUserAsync();
        var names = Enumerable.Range(0, Writers).Select(_ => PackageSystem.NewName()).ToArray();
        var after = (await ReadAsync(null)).Position;
        var seen = new List<Change>();

        var writing = Task.WhenAll(names.Select(name => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await system.PublishedAsync(user, name, $"1.0.{i}");
            }
        })));
        while (!writing.IsCompleted)
        {
            after = await FollowAsync(after, seen);
        }

        await writing;
        await FollowAsync(after, seen);

        seen.Select(c => c.Position).ShouldBeInOrder();
        foreach (var name in names)
        {
            seen.Where(c => c.Package == name).Select(c => c.Version).ShouldBe(Enumerable.Range(0, Each).Select(i => $"1.0.{i}"));
        }
    }

    [Fact]
    public async Task A_change_its_revision_and_its_event_carry_the_same_position()
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();

        await system.PublishedAsync(user, name);

        await using var scope = system.Packages.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PackageDbContext>();
        var change = await db.Changes.SingleAsync(c => c.Package == name);
        var package = await db.Packages.SingleAsync(p => p.Name == name);
        var bodies = await db.Set<OutboxMessage>()
            .FromSql($"SELECT * FROM outbox WHERE body->>'package' = {name}").Select(m => m.Body).ToListAsync();
        var happened = System.Text.Json.JsonSerializer.Deserialize<PackageChanged>(bodies.ShouldHaveSingleItem(), RegistryJson.Options)!;
        package.Revision.ShouldBe(change.Position);
        happened.Revision.ShouldBe(change.Position);
        happened.EventId.ShouldBe(change.EventId);
        happened.Kind.ShouldBe(PackageChangeKind.Published);
    }

    [Fact]
    public async Task What_became_of_a_dist_tag_is_in_the_detail_of_its_change()
    {
        var user = await system.NewUserAsync();
        var name = PackageSystem.NewName();
        await system.PublishedAsync(user, name);
        using var client = system.Npm(user);

        using var moved = await client.PutAsJsonAsync($"/-/package/{name}/dist-tags/next", "1.0.0");
        using var removed = await client.DeleteAsync($"/-/package/{name}/dist-tags/next");

        await using var scope = system.Packages.Services.CreateAsyncScope();
        var changes = await scope.ServiceProvider.GetRequiredService<PackageDbContext>().Changes
            .Where(c => c.Package == name).OrderBy(c => c.Position).ToListAsync();
        changes.Select(c => (c.Kind, c.Version, c.Detail)).ShouldBe(
        [
            (PackageChangeKind.Published, "1.0.0", null),
            (PackageChangeKind.Tagged, "1.0.0", new ChangeDetail(Tag: "next")),
            (PackageChangeKind.Tagged, "1.0.0", new ChangeDetail(Tag: "next", Removed: true)),
        ]);
    }

    private static Task<ChangeRow> AppendAsync(IServiceProvider services, string name) =>
        services.GetRequiredService<ChangeLog>().AppendAsync(
            "main", new Package { Name = name, FoldedName = name }, PackageChangeKind.Tagged, null, CancellationToken.None);

    private async Task<ChangeRow> AppendAndCommitAsync(string name)
    {
        await using var scope = system.Packages.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PackageDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var row = await AppendAsync(scope.ServiceProvider, name);
        await transaction.CommitAsync();
        return row;
    }

    private async Task<long> FollowAsync(long after, List<Change> seen)
    {
        while (true)
        {
            var page = await ReadAsync(after);
            seen.AddRange(page.Changes);
            if (page.Changes.Count == 0)
            {
                page.Head.ShouldBe(after, "nothing after it means that it is the head");
                return page.Position;
            }

            after = page.Position;
        }
    }

    private async Task<ChangesPage> ReadAsync(long? after)
    {
        using var client = system.Packages.ClientForService(ServiceNames.Search);
        return (await client.GetFromJsonAsync<ChangesPage>(
            after is null ? PackageRoutes.Changes : $"{PackageRoutes.Changes}?after={after}", RegistryJson.Options))!;
    }
}
