using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Tests.Harness;
using Registry.Messaging.Changes;
using Registry.Testing;

namespace Registry.Gateway.Tests.Caching;

public sealed class AnswerMemoryTests : IAsyncLifetime
{
    private const string Abbreviated = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

    private GatewayUnderTest _gateway = null!;
    private HttpClient _client = null!;
    private int _version = 1;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _client = _gateway.Client(_gateway.NpmAddress);
        _gateway.Packages.Answer = AnswerAsync;
        await _gateway.UntilConfirmedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_public_packument_is_fetched_once_and_then_answered_from_memory()
    {
        var first = await GetAsync("/left-pad");
        var second = await GetAsync("/left-pad");

        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        second.Headers.ETag.ShouldBe(first.Headers.ETag);
        second.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        second.Content.Headers.ContentLength.ShouldNotBeNull();
        second.Headers.Contains(InternalHeaders.Cacheable).ShouldBeFalse();
        Fetched("/left-pad").ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_has_it_gets_304_from_memory_and_from_the_fill()
    {
        var (fill, fromMemory) = (
            await GetAsync("/left-pad", ("If-None-Match", "\"left-pad-1\"")), await GetAsync("/left-pad", ("If-None-Match", "W/\"x\", \"left-pad-1\"")));

        (fill.StatusCode, fromMemory.StatusCode).ShouldBe((HttpStatusCode.NotModified, HttpStatusCode.NotModified));
        fromMemory.Headers.ETag!.Tag.ShouldBe("\"left-pad-1\"");
        (await GetAsync("/left-pad", ("If-None-Match", "\"other\""))).StatusCode.ShouldBe(HttpStatusCode.OK);
        Fetched("/left-pad").ShouldBe(1);
    }

    [Fact]
    public async Task A_write_that_passes_through_is_seen_by_the_next_read()
    {
        await GetAsync("/left-pad");
        _version = 2;

        (await _client.PutAsync(new Uri("/left-pad", UriKind.Relative), new StringContent("{}"))).Headers.Contains(InternalHeaders.Changed).ShouldBeFalse();

        (await ReadAsync("/left-pad")).ShouldContain("left-pad-2");
    }

    [Fact]
    public async Task A_read_overtaken_by_a_write_is_answered_and_not_kept()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _gateway.Packages.Answer = async context =>
        {
            var version = _version;
            if (version == 1 && HttpMethods.IsGet(context.Request.Method))
            {
                arrived.SetResult();
                await gate.Task;
            }

            await PackumentPeer.AnswerAsync(context, version);
        };
        var slow = ReadAsync("/left-pad");
        await arrived.Task;
        _version = 2;
        await _client.PutAsync(new Uri("/left-pad", UriKind.Relative), new StringContent("{}"));

        gate.SetResult();

        (await slow).ShouldContain("left-pad-1");
        (await ReadAsync("/left-pad")).ShouldContain("left-pad-2");
    }

    [Fact]
    public async Task A_change_in_the_feed_forgets_the_package()
    {
        await GetAsync("/left-pad");
        _version = 2;
        _gateway.Feed.Add("main", "left-pad");

        (await ReadAsync("/left-pad")).ShouldContain("left-pad-2");
    }

    [Fact]
    public async Task A_feed_with_another_epoch_forgets_everything()
    {
        await GetAsync("/left-pad");
        _version = 2;
        _gateway.Feed.Epoch = Guid.CreateVersion7();

        (await ReadAsync("/left-pad")).ShouldContain("left-pad-2");
    }

    [Fact]
    public async Task Memory_whose_position_is_not_confirmed_does_not_answer()
    {
        await GetAsync("/left-pad");
        _version = 2;
        _gateway.Feed.IsSilent = true;

        await Eventually.ShouldHoldAsync(async () => (await ReadAsync("/left-pad")).Contains("left-pad-2", StringComparison.Ordinal), "the new document is read");

        var fetched = Fetched("/left-pad");
        await GetAsync("/left-pad");
        Fetched("/left-pad").ShouldBe(fetched + 1);
    }

    [Fact]
    public async Task A_forged_host_neither_fills_memory_nor_is_answered_from_it()
    {
        var forged = await GetAsync("/left-pad", ("Host", "evil.example.test"));
        var honest = await ReadAsync("/left-pad");
        var again = await GetAsync("/left-pad", ("Host", "evil.example.test"));

        (await forged.Content.ReadAsStringAsync()).ShouldContain("http://evil.example.test");
        honest.ShouldNotContain("evil");
        (await again.Content.ReadAsStringAsync()).ShouldContain("http://evil.example.test");
        (await ReadAsync("/left-pad")).ShouldBe(honest);
        Fetched("/left-pad").ShouldBe(3);
    }

    [Fact]
    public async Task All_spellings_of_a_name_are_one_document()
    {
        await GetAsync("/%6ceft-pad");
        await GetAsync("/left%2Dpad");
        _gateway.Packages.Requests.Count(static request => request.Method == "GET").ShouldBe(1);
        _gateway.Memory.Tally.Entries.ShouldBe(1);
    }

    [Fact]
    public async Task Forms_and_mounts_are_kept_apart()
    {
        var full = await ReadAsync("/left-pad");
        var abbreviated = await ReadAsync("/left-pad", ("Accept", Abbreviated));
        var zipped = await GetAsync("/left-pad", ("Accept-Encoding", "gzip"));
        var small = await GetAsync("/left-pad", ("Accept-Encoding", "gzip, br"));
        var smallAgain = await GetAsync("/left-pad", ("Accept-Encoding", "br;q=1, gzip;q=1"));
        var zippedAgain = await GetAsync("/left-pad", ("Accept-Encoding", "br;q=0.1, gzip"));
        var smallest = await GetAsync("/left-pad", ("Accept-Encoding", "br"));
        using var web = _gateway.Client(_gateway.WebAddress);
        await _gateway.UntilConfirmedAsync();
        var elsewhere = await web.GetStringAsync(new Uri("/r/main/left-pad", UriKind.Relative));

        abbreviated.ShouldContain("abbreviated");
        full.ShouldNotContain("abbreviated");
        new[] { zipped, zippedAgain }.ShouldAllBe(answer => answer.Content.Headers.ContentEncoding.Single() == "gzip");
        new[] { small, smallAgain, smallest }.ShouldAllBe(answer => answer.Content.Headers.ContentEncoding.Single() == "br");
        elsewhere.ShouldContain($"{_gateway.WebAddress.Authority}/r/main");
        (await ReadAsync("/left-pad")).ShouldBe(full);
        (await ReadAsync("/left-pad", ("Accept", Abbreviated))).ShouldBe(abbreviated);
        Fetched("/left-pad").ShouldBe(6);
    }

    [Theory]
    [InlineData("Accept", "application/json, application/vnd.npm.install-v1+json; q=0.5")]
    [InlineData("Accept", "application/vnd.npm.install-v1+json; q=0")]
    [InlineData("Accept", "application/vnd.npm.install-v1+json; q=0.1, application/json; q=0.05, application/json; q=0.9")]
    [InlineData("Accept-Encoding", "*")]
    [InlineData("Accept-Encoding", "gzip, identity;q=0")]
    [InlineData("Accept-Encoding", "br, br;q=0.1")]
    [InlineData("Range", "bytes=0-1")]
    public async Task A_request_whose_answer_memory_cannot_know_goes_to_the_service(string name, string value)
    {
        await GetAsync("/left-pad", (name, value));
        await GetAsync("/left-pad", (name, value));

        Fetched("/left-pad").ShouldBe(2);
    }

    [Fact]
    public async Task What_the_service_does_not_call_public_is_never_kept()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => GetAsync("/restricted", ("Authorization", "Bearer good"))));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        Fetched("/restricted").ShouldBe(5);
        _gateway.Memory.Tally.Bytes.ShouldBe(0);
    }

    [Theory]
    [InlineData("/with-cookie"), InlineData("/with-vary"), InlineData("/missing"), InlineData("/chunked"), InlineData("/large")]
    public async Task An_answer_that_is_not_the_same_for_everyone_or_too_large_is_not_kept(string target)
    {
        await GetAsync(target);
        await GetAsync(target);

        Fetched(target).ShouldBe(2);
    }

    [Fact]
    public async Task A_caller_whose_credential_was_refused_neither_fills_nor_is_answered_from_memory()
    {
        _gateway.Introspect = _ => new IntrospectResponse(Caller.Rejected);

        (await GetAsync("/left-pad", ("Authorization", "Bearer old"))).Headers.Contains("npm-notice").ShouldBeTrue();
        (await GetAsync("/left-pad")).Headers.Contains("npm-notice").ShouldBeFalse();
        (await GetAsync("/left-pad", ("Authorization", "Bearer old"))).Headers.Contains("npm-notice").ShouldBeTrue();
    }

    [Fact]
    public async Task A_restricted_document_is_revalidated_by_the_service_and_the_condition_reaches_it()
    {
        await GetAsync("/restricted", ("Authorization", "Bearer good"), ("If-None-Match", "\"x\""));

        _gateway.Packages.Requests.Single().Header("If-None-Match").ShouldBe("\"x\"");
    }

    [Fact]
    public async Task Many_first_readers_make_one_fetch()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _gateway.Packages.Answer = async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await AnswerAsync(context);
        };
        var first = ReadAsync("/left-pad");
        await arrived.Task;
        var others = Enumerable.Range(0, 10).Select(_ => ReadAsync("/left-pad")).ToList();
        gate.SetResult();

        (await Task.WhenAll([first, .. others])).Distinct().Count().ShouldBe(1);
        Fetched("/left-pad").ShouldBe(1);
    }

    [Fact]
    public async Task When_the_first_reader_goes_away_the_others_are_still_answered()
    {
        var arrived = new TaskCompletionSource();
        _gateway.Packages.Answer = async context =>
        {
            if (arrived.TrySetResult())
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await AnswerAsync(context);
        };
        using var leaving = new CancellationTokenSource();
        var first = _client.GetAsync(new Uri("/left-pad", UriKind.Relative), leaving.Token);
        await arrived.Task;
        var second = ReadAsync("/left-pad");

        await leaving.CancelAsync();

        (await second).ShouldContain("left-pad-1");
        await Should.ThrowAsync<OperationCanceledException>(first);
    }

    private int Fetched(string target) => _gateway.Packages.Requests.Count(request => request.Method == "GET" && request.Target == target);

    private async Task<string> ReadAsync(string target, params (string Name, string Value)[] headers) =>
        await (await GetAsync(target, headers)).Content.ReadAsStringAsync();

    private async Task<HttpResponseMessage> GetAsync(string target, params (string Name, string Value)[] headers)
    {
        if (!_gateway.Feed.IsSilent)
        {
            // However busy the machine is, the position is confirmed when the request is made.
            await _gateway.Services.GetRequiredService<ChangesFollower>().AdvanceAsync(default);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private Task AnswerAsync(HttpContext context) => PackumentPeer.AnswerAsync(context, _version);
}
