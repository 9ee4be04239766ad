using Microsoft.Extensions.DependencyInjection;

using Registry.Gateway.Tests.Harness;
using Registry.Messaging.Changes;
using Registry.Testing;

namespace Registry.Gateway.Tests.Caching;

/// <summary>Answers that came from upstreams are remembered for a while, and never longer than the upstreams stay what they are (K15, M36).</summary>
public sealed class UpstreamMemoryTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;
    private int _version = 1;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _gateway.Feed.Upstreams = "those now";
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Packages.Answer = context => PackumentPeer.AnswerAsync(context, _version);
        await _gateway.UntilConfirmedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task It_is_fetched_once_and_then_answered_from_memory()
    {
        await ReadAsync("/theirs");
        _version = 2;

        (await ReadAsync("/theirs")).ShouldContain("theirs-1");
        Fetched("/theirs").ShouldBe(1);
    }

    [Fact]
    public async Task It_is_remembered_no_longer_than_the_service_says()
    {
        await ReadAsync("/theirs-briefly");
        _version = 2;

        await Eventually.ShouldHoldAsync(
            async () => (await ReadAsync("/theirs-briefly")).Contains("theirs-briefly-2", StringComparison.Ordinal), "what is old is asked for again");
    }

    [Fact]
    public async Task Who_wants_the_latest_gets_it_and_so_does_whoever_comes_later()
    {
        await ReadAsync("/theirs");
        await ReadAsync("/ours");
        _version = 2;

        (await ReadAsync("/theirs", ("Cache-Control", "no-cache"))).ShouldContain("theirs-2");
        (await ReadAsync("/ours", ("Cache-Control", "no-cache"))).ShouldContain("ours-1"); // it is the latest until the feed says otherwise
        Fetched("/ours").ShouldBe(1);
    }

    [Fact]
    public async Task Other_upstreams_forget_what_came_from_them_and_nothing_else()
    {
        await ReadAsync("/theirs");
        await ReadAsync("/ours");
        _version = 2;
        _gateway.Feed.Upstreams = "others";

        (await ReadAsync("/theirs")).ShouldContain("theirs-2");
        (await ReadAsync("/ours")).ShouldContain("ours-1");
    }

    [Fact]
    public async Task What_came_from_other_upstreams_than_the_feed_tells_of_is_for_the_one_who_asked()
    {
        (await ReadAsync("/theirs-formerly")).ShouldContain("theirs-formerly-1");
        _version = 2;

        (await ReadAsync("/theirs-formerly")).ShouldContain("theirs-formerly-2");
        Fetched("/theirs-formerly").ShouldBe(2);
    }

    [Fact]
    public async Task A_change_of_the_upstreams_that_passes_through_is_seen_by_the_next_read()
    {
        await ReadAsync("/theirs");
        await ReadAsync("/ours");
        _version = 2;

        await _client.PutAsync(new Uri("/upstreams", UriKind.Relative), new StringContent("{}"));

        (await ReadAsync("/theirs")).ShouldContain("theirs-2");
        (await ReadAsync("/ours")).ShouldContain("ours-1");
    }

    [Fact]
    public async Task A_package_published_under_a_name_that_looks_alike_ends_it()
    {
        await ReadAsync("/theirs-too");
        _version = 2;
        _gateway.Feed.Add("main", "Theirs_Too");

        (await ReadAsync("/theirs-too")).ShouldContain("theirs-too-2");

        _version = 3;
        await _client.PutAsync(new Uri("/theirs.too", UriKind.Relative), new StringContent("{}"));

        (await ReadAsync("/theirs-too")).ShouldContain("theirs-too-3");
    }

    private int Fetched(string target) => _gateway.Packages.Requests.Count(request => request.Method == "GET" && request.Target == target);

    private async Task<string> ReadAsync(string target, params (string Name, string Value)[] headers)
    {
        await _gateway.Services.GetRequiredService<ChangesFollower>().AdvanceAsync(default);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
