using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>
/// Every way in which an upstream fails while it is asked for a packument: a status and a sentence of its own, never an absence, nothing
/// kept, and over with the first question after it recovered (complaints 2, 9).
/// </summary>
public sealed class FaultTests(PackageSystem system) : IAsyncLifetime
{
    private const int Unavailable = 503;
    private const int BadGateway = 502;

    private static readonly Dictionary<string, Func<HttpContext, Task<bool>>> Known = new(StringComparer.Ordinal)
    {
        ["500"] = Faults.Status(500),
        ["503"] = Faults.Status(503),
        ["401"] = Faults.Status(401),
        ["429"] = Faults.Status(429),
        ["hangs"] = Faults.Hang,
        ["drips"] = Faults.Drip,
        ["breaks off"] = Faults.Truncate,
        ["resets"] = Faults.Reset,
        ["html"] = Faults.Html,
        ["redirects in a loop"] = Faults.RedirectLoop,
        ["is huge"] = Faults.Huge,
    };

    private readonly string _name = PackageSystem.NewName();
    private readonly string _upstreamName = PackageSystem.NewName("up");
    private NpmUpstream _upstream = null!;
    private ProxySystem _proxy = null!;

    public static TheoryData<string, int> All => new()
    {
        { "500", Unavailable }, { "503", Unavailable }, { "429", Unavailable }, { "hangs", Unavailable }, { "drips", Unavailable },
        { "breaks off", Unavailable }, { "resets", Unavailable },
        { "401", BadGateway }, { "html", BadGateway }, { "redirects in a loop", BadGateway }, { "is huge", BadGateway },
    };

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _upstream.Add(_name, "1.0.0");
        _proxy = await ProxySystem.StartAsync(system, Entry(_upstream.Url));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_failure_has_a_status_and_a_sentence_and_ends_with_the_upstreams_recovery(string fault, int status)
    {
        _upstream.Fault = Known[fault];

        var failure = await _proxy.FailureAsync($"/{_name}");

        (failure.Status, failure.Code).ShouldBe((status, status == Unavailable ? "upstream_unavailable" : "upstream_failed"));
        failure.Error.ShouldStartWith($"The registry '{_upstreamName}' ");
        failure.RetryAfter.HasValue.ShouldBe(status == Unavailable);
        await ShouldKeepNothingAsync();
        _upstream.Fault = null;
        (await _proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_is_kept_is_served_in_place_of_a_failure(string fault, int status)
    {
        (await _proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
        _upstream.Fault = Known[fault];

        (await _proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);

        (await _proxy.FailureAsync($"/{PackageSystem.NewName()}")).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("resets")]
    [InlineData("hangs")]
    public async Task The_first_question_after_a_long_failure_is_answered(string fault)
    {
        _upstream.Fault = Known[fault];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await _proxy.FailureAsync($"/{PackageSystem.NewName()}")).Status.ShouldBe(Unavailable)));
        (await _proxy.FailureAsync($"/{_name}")).Status.ShouldBe(Unavailable);

        _upstream.Fault = null;

        (await _proxy.VersionsAsync(_name)).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task An_upstream_that_wants_to_be_left_alone_is_left_alone_so_long_and_answers_then()
    {
        _upstream.Fault = Faults.Status(429, retryAfter: 2);
        (await _proxy.FailureAsync($"/{_name}")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(2));
        _upstream.Fault = null;
        _upstream.ForgetRequests();

        var meanwhile = await _proxy.FailureAsync($"/{_name}");

        (meanwhile.Status, meanwhile.RetryAfter!.Value.TotalSeconds).ShouldBeOneOf((Unavailable, 1), (Unavailable, 2));
        _upstream.Requests.ShouldBeEmpty();
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{_name}")).IsSuccessStatusCode, "its rest is over", withinSeconds: 5);
        _upstream.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_passed_on_of_a_rest_is_bounded()
    {
        _upstream.Fault = Faults.Status(429, retryAfter: 86_400);

        // What is left of five minutes: a second may have passed since they began.
        (await _proxy.FailureAsync($"/{_name}")).RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(270), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_name_without_an_address_is_a_failure_that_may_pass()
    {
        _proxy.Write(Entry(new Uri("http://nowhere.invalid/")));
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{PackageSystem.NewName()}")).StatusCode != System.Net.HttpStatusCode.NotFound, "the file is read");

        var failure = await _proxy.FailureAsync($"/{_name}");

        (failure.Status, failure.Code).ShouldBe((Unavailable, "upstream_unavailable"));
        failure.Error.ShouldContain("'nowhere.invalid'");
        await ShouldRecoverAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upstream_that_cannot_prove_who_it_is_is_a_failure_that_lasts(bool speaksTls)
    {
        using var certificate = SelfSigned();
        await using var stranger = await NpmUpstream.StartAsync(speaksTls ? certificate : null);
        _proxy.Write(Entry(new UriBuilder(stranger.Url) { Scheme = "https" }.Uri));
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{PackageSystem.NewName()}")).StatusCode != System.Net.HttpStatusCode.NotFound, "the file is read");

        var failure = await _proxy.FailureAsync($"/{_name}");

        (failure.Status, failure.Code).ShouldBe((BadGateway, "upstream_failed"));
        failure.Error.ShouldContain("TLS");
        await ShouldRecoverAsync();
    }

    [Fact]
    public async Task An_upstream_that_hangs_holds_nobody_else_up()
    {
        _proxy.Write(Entry(_upstream.Url, static entry =>
        {
            entry["maxConnections"] = 100;
            entry["timeoutSeconds"] = 60;
        }));
        var (own, hanging) = (PackageSystem.NewName(), Enumerable.Range(0, 90).Select(static _ => PackageSystem.NewName()).ToList());
        await system.PublishedAsync(await system.NewUserAsync(), own);
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{own}")).IsSuccessStatusCode, "the file is read");
        var gate = new TaskCompletionSource();
        _upstream.Fault = Faults.Until(gate.Task);

        var waiting = hanging.Select(name => _proxy.FailureAsync($"/{name}")).ToList(); // three times as many as there are connections to the database
        await Eventually.ShouldHoldAsync(() => _upstream.Requests.Count >= 30, "the upstream hangs");

        (await _proxy.VersionsAsync(own)).ShouldBe(["1.0.0"]);
        waiting.ShouldAllBe(static request => !request.IsCompleted);
        gate.SetResult();
        (await Task.WhenAll(waiting)).ShouldAllBe(static failure => failure.Status == 404);
    }

    private JsonObject Entry(Uri url, Action<JsonObject>? edit = null) => ProxySystem.Entry(url, "npm", _upstreamName, entry =>
    {
        entry["timeoutSeconds"] = 1;
        entry["maxDocumentBytes"] = 64 * 1024;
        entry["cache"] = new JsonObject { ["maxAgeSeconds"] = 0, ["staleWhileRevalidateSeconds"] = 0, ["notFoundSeconds"] = 0 };
        edit?.Invoke(entry);
    });

    private async Task ShouldKeepNothingAsync()
    {
        var rows = await _proxy.ReadAsync(db => db.UpstreamPackuments.AsNoTracking().Where(row => row.Name == _name).ToListAsync());
        var row = rows.ShouldHaveSingleItem();
        (row.Body, row.Revision, row.CheckedAt, row.LeaseUntil).ShouldBe((null, null, null, null));
        row.Failure.ShouldNotBeNull();
    }

    private async Task ShouldRecoverAsync()
    {
        await ShouldKeepNothingAsync();
        _proxy.Write(Entry(_upstream.Url));
        await Eventually.ShouldHoldAsync(async () => (await _proxy.GetAsync($"/{_name}")).IsSuccessStatusCode, "the corrected file is read", withinSeconds: 3);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
