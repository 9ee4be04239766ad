using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Search;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.Testing;

namespace Registry.SearchService.Tests.Indexing;

public sealed class IndexChangedPackagesTests : IAsyncLifetime
{
    private readonly SearchDatabase _database = new();
    private PackagesOnTheWire _packages = null!;

    public async ValueTask InitializeAsync()
    {
        _packages = await PackagesOnTheWire.StartAsync();
        await _database.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _packages.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_changed_package_is_found_within_two_seconds_without_a_broker()
    {
        await using var host = await StartAsync();

        _packages.Change("left-pad", revision => Documents.Of("left-pad", revision: revision));

        await FindsAsync(host, "left", ["left-pad"], withinSeconds: 2);
    }

    [Fact]
    public async Task Many_changes_of_one_package_in_a_page_read_it_once()
    {
        for (var change = 0; change < 10; change++)
        {
            _packages.Change("busy", revision => Documents.Of("busy", revision: revision));
        }

        await using var host = await StartAsync();

        await FindsAsync(host, "busy", ["busy"]);
        _packages.Read.Count(package => package == "busy").ShouldBe(1);
    }

    [Fact]
    public async Task Removed_packages_and_those_without_a_latest_version_are_not_found()
    {
        _packages.Change("kept", revision => Documents.Of("kept", revision: revision));
        _packages.Change("removed", revision => Documents.Of("removed", revision: revision) with { Removed = true, Version = null });
        _packages.Change("untagged", revision => Documents.Of("untagged", revision: revision) with { Version = null });
        _packages.Vanish("vanished");

        await using var host = await StartAsync();

        await FindsAsync(host, "", ["kept"]);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("not json")]
    [InlineData("""{"repository":"main"}""")]
    [InlineData("""{"repository":"main","package":"another","revision":1,"version":"1.0.0"}""")]
    public async Task A_document_that_cannot_be_read_is_recorded_and_holds_up_nothing_for_long(string answer)
    {
        _packages.Break("broken", answer);
        _packages.Change("fine", revision => Documents.Of("fine", revision: revision));

        await using var host = await StartAsync();

        await FindsAsync(host, "", ["fine"]);
        await Eventually.ShouldHoldAsync(async () => (await RefusedAsync()).Count == 1, "the broken document was recorded");
        (await RefusedAsync()).Single().Package.ShouldBe("broken");
        _packages.Change("broken", revision => Documents.Of("broken", revision: revision));
        await FindsAsync(host, "", ["broken", "fine"]);
        await Eventually.ShouldHoldAsync(async () => (await RefusedAsync()).Count == 0, "the record was dropped");
    }

    [Fact]
    public async Task A_document_the_index_refuses_is_recorded_and_skipped()
    {
        _packages.Change("bad\0name", revision => Documents.Of("bad\0name", revision: revision));
        _packages.Change("fine", revision => Documents.Of("fine", revision: revision));

        await using var host = await StartAsync();

        await FindsAsync(host, "", ["fine"]);
        await Eventually.ShouldHoldAsync(async () => (await RefusedAsync()).Count == 1, "the refused document was recorded");
        (await RefusedAsync()).Single().Package.ShouldBe("badname");
        await Eventually.ShouldHoldAsync(async () => await PositionAsync() == 2, "the feed went on");
    }

    [Fact]
    public async Task An_outage_of_PackageService_skips_nothing()
    {
        _packages.Break("late", "503");
        await using var host = await StartAsync();
        var follower = host.Services.GetRequiredService<ChangesFollower>();
        await Eventually.ShouldHoldAsync(() => Task.FromResult(follower.ConsecutiveFailures >= 2), "reading failed");
        follower.Position.ShouldBe(0);

        _packages.Change("late", revision => Documents.Of("late", revision: revision));

        await FindsAsync(host, "", ["late"]);
        (await RefusedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_epoch_forgets_what_the_restored_feed_does_not_have()
    {
        _packages.Change("lost", revision => Documents.Of("lost", revision: revision));
        _packages.Change("kept", revision => Documents.Of("kept", revision: revision + 100));
        await using var host = await StartAsync();
        await FindsAsync(host, "", ["kept", "lost"]);

        _packages.Restore();
        _packages.Change("kept", revision => Documents.Of("kept", "as restored", revision: revision));

        await FindsAsync(host, "restored", ["kept"]);
        await FindsAsync(host, "", ["kept"]);
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_last_run_stopped()
    {
        _packages.Change("first", revision => Documents.Of("first", revision: revision));
        await using (var host = await StartAsync())
        {
            await FindsAsync(host, "", ["first"]);
            await Eventually.ShouldHoldAsync(async () => await PositionAsync() == 1, "the position was saved");
        }

        _packages.Change("second", revision => Documents.Of("second", revision: revision));
        await using var again = await StartAsync();

        await FindsAsync(again, "", ["first", "second"]);
        _packages.Read.Count(package => package == "first").ShouldBe(1);
    }

    [Fact]
    public async Task A_saved_position_never_moves_backwards_nor_to_another_feed_nor_over_a_gap()
    {
        var (identity, epoch) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var db = await _database.Contexts.CreateDbContextAsync();
        await db.AddIndexAsync(new IndexRow { Identity = identity, Engine = "test" }, CancellationToken.None);
        (await SaveAsync(0, epoch, 50)).ShouldBeTrue();
        (await SaveAsync(0, epoch, 40)).ShouldBeTrue(); // another replica was faster

        (await SaveAsync(60, epoch, 70)).ShouldBeFalse();
        (await SaveAsync(50, Guid.CreateVersion7(), 60)).ShouldBeFalse();

        (await db.ReadPositionAsync(identity, CancellationToken.None)).ShouldBe(new ChangesPosition(epoch, 50));

        Task<bool> SaveAsync(long from, Guid feed, long to) => db.SavePositionAsync(identity, from, new ChangesPosition(feed, to), CancellationToken.None);
    }

    private static async Task FindsAsync(ServiceHost host, string text, string[] packages, int withinSeconds = 30)
    {
        using var client = host.ClientFor(Caller.Anonymous, TestKeys.Mount(Dialects.Native));
        var found = Array.Empty<string>();
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                var answer = await client.GetFromJsonAsync<SearchResponse>($"/api/v1/search?q={Uri.EscapeDataString(text)}");
                found = [.. answer!.Results.Select(result => result.Name)];
                return found.Order(StringComparer.Ordinal).SequenceEqual(packages.Order(StringComparer.Ordinal));
            },
            $"'{text}' finds {string.Join(", ", packages)}",
            withinSeconds);
    }

    private async Task<List<RefusedRow>> RefusedAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync();
        return await db.Refused.AsNoTracking().ToListAsync();
    }

    private async Task<long?> PositionAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync();
        return (await db.Indexes.AsNoTracking().SingleAsync()).Position;
    }

    private Task<ServiceHost> StartAsync() =>
        ServiceHost.StartAsync(
            ServiceNames.Search,
            SearchServiceApp.Build,
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:search"] = _database.ConnectionString,
                ["ConnectionStrings:rabbitmq"] = null,
                ["services:packages:http:0"] = _packages.Address,
            });
}
