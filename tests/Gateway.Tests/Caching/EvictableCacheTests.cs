using Registry.Gateway.Caching;

namespace Registry.Gateway.Tests.Caching;

public sealed class EvictableCacheTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly EvictableCache<string, string> _cache = new(new CacheLimits(3, 100), TimeProvider.System);

    [Fact]
    public async Task A_value_is_made_once_and_found_afterwards()
    {
        var made = 0;

        for (var i = 0; i < 3; i++)
        {
            (await _cache.GetAsync("k", () => Make($"v{++made}", "t"), default)).ShouldBe("v1");
        }

        made.ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_requests_for_one_key_make_one_fill()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var made = 0;

        var all = Enumerable.Range(0, 10).Select(_ => _cache.GetAsync(
            "k",
            () =>
            {
                made++;
                return gate.Task;
            },
            default)).ToList();
        gate.SetResult(new Filled<string>("v", null, 1, Minute));

        (await Task.WhenAll(all)).ShouldAllBe(value => value == "v");
        made.ShouldBe(1);
        _cache.Tally.ShouldBe(new CacheTally(Entries: 1, Bytes: 1, Hits: 0, Waits: 9, Misses: 1, Displaced: 0));
    }

    [Fact]
    public async Task An_eviction_forgets_what_carries_its_tag_and_nothing_else()
    {
        await _cache.GetAsync("a1", () => Make("1", "a"), default);
        await _cache.GetAsync("a2", () => Make("2", "a"), default);
        await _cache.GetAsync("b", () => Make("3", "b"), default);

        _cache.Evict("a");

        (_cache.Peek("a1"), _cache.Peek("a2"), _cache.Peek("b")).ShouldBe((null, null, "3"));
        _cache.Tally.Bytes.ShouldBe(10);
    }

    [Fact]
    public async Task A_fill_overtaken_by_an_eviction_of_its_tag_is_answered_and_not_kept()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var requester = _cache.GetAsync("k", () => gate.Task, default);

        _cache.Evict("tag known only at the end");
        gate.SetResult(new Filled<string>("old", "tag known only at the end", 1, Minute));

        (await requester).ShouldBe("old");
        _cache.Peek("k").ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_joins_an_overtaken_fill_does_not_get_its_value()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var requester = _cache.GetAsync("k", () => gate.Task, default);
        _cache.Evict("t");
        var afterTheWrite = _cache.GetAsync("k", () => Make("new", "t"), default);

        gate.SetResult(new Filled<string>("old", "t", 1, Minute));

        (await requester).ShouldBe("old");
        (await afterTheWrite).ShouldBe("new");
        _cache.Peek("k").ShouldBe("new");
    }

    [Fact]
    public async Task A_fill_survives_the_eviction_of_another_tag()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var requester = _cache.GetAsync("k", () => gate.Task, default);

        _cache.Evict("other");
        gate.SetResult(new Filled<string>("v", "t", 1, Minute));
        await requester;

        _cache.Peek("k").ShouldBe("v");
    }

    [Fact]
    public async Task A_fill_that_begins_after_the_eviction_is_kept_although_an_older_one_still_runs()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var older = _cache.GetAsync("other", () => gate.Task, default);
        _cache.Evict("t");

        await _cache.GetAsync("k", () => Make("v", "t"), default);

        _cache.Peek("k").ShouldBe("v");
        gate.SetResult(new Filled<string>("x", null, 1, Minute));
        await older;
    }

    [Fact]
    public async Task Clearing_forgets_everything_and_overtakes_every_fill()
    {
        await _cache.GetAsync("kept", () => Make("v", "t"), default);
        var gate = new TaskCompletionSource<Filled<string>>();
        var requester = _cache.GetAsync("k", () => gate.Task, default);

        _cache.Clear();
        gate.SetResult(new Filled<string>("old", null, 1, Minute));
        await requester;

        (_cache.Peek("kept"), _cache.Peek("k"), _cache.Tally.Bytes).ShouldBe((null, null, 0));
    }

    [Fact]
    public async Task So_many_evictions_during_a_fill_that_they_cannot_be_remembered_overtake_it()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var requester = _cache.GetAsync("k", () => gate.Task, default);
        _cache.Evict("t");

        for (var i = 0; i < 20_000; i++)
        {
            _cache.Evict($"other-{i}");
        }

        gate.SetResult(new Filled<string>("old", "t", 1, Minute));
        await requester;

        _cache.Peek("k").ShouldBeNull();
    }

    [Fact]
    public async Task The_least_recently_used_leave_when_there_are_too_many()
    {
        foreach (var key in new[] { "1", "2", "3" })
        {
            await _cache.GetAsync(key, () => Make(key, null), default);
        }

        _cache.Peek("1");
        await _cache.GetAsync("4", () => Make("4", null), default);

        (_cache.Peek("1"), _cache.Peek("2"), _cache.Peek("3"), _cache.Peek("4")).ShouldBe(("1", null, "3", "4"));
    }

    [Fact]
    public async Task Bytes_are_bounded_and_what_is_too_large_alone_is_not_kept()
    {
        await _cache.GetAsync("1", () => Make("1", null, 60), default);
        await _cache.GetAsync("2", () => Make("2", null, 60), default);
        await _cache.GetAsync("3", () => Make("3", null, 101), default);

        (_cache.Peek("1"), _cache.Peek("2"), _cache.Peek("3"), _cache.Tally.Bytes).ShouldBe((null, "2", null, 60));
    }

    [Fact]
    public async Task A_value_ends_with_its_lifetime()
    {
        await _cache.GetAsync("k", () => Task.FromResult(new Filled<string>("v", null, 1, TimeSpan.FromTicks(1))), default);
        await Task.Yield();

        _cache.Peek("k").ShouldBeNull();
        (await _cache.GetAsync("k", () => Make("w", null), default)).ShouldBe("w");
    }

    [Fact]
    public async Task A_failure_is_everybodys_who_waited_and_the_next_request_tries_again()
    {
        var gate = new TaskCompletionSource<Filled<string>>();
        var first = _cache.GetAsync("k", () => gate.Task, default);
        var second = _cache.GetAsync("k", () => Make("never", null), default);

        gate.SetException(new TimeoutException("no answer"));

        await Should.ThrowAsync<TimeoutException>(first);
        await Should.ThrowAsync<TimeoutException>(second);
        (await _cache.GetAsync("k", () => Make("v", null), default)).ShouldBe("v");
    }

    [Fact]
    public async Task A_fill_given_up_lets_those_who_wait_go_on()
    {
        var lookup = _cache.Find("k");
        var waiting = _cache.GetAsync("k", () => Make("mine", null), default);

        lookup.Fill!.Dispose();

        (await waiting).ShouldBe("mine");
    }

    private static Task<Filled<string>> Make(string value, string? tag, long bytes = 10) =>
        Task.FromResult(new Filled<string>(value, tag, bytes, Minute));
}
