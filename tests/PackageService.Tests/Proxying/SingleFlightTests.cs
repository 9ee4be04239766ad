using System.Diagnostics;
using System.Net;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Registry.PackageService.Data;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>However many want something cold, through however many processes: the upstream is asked for it once (complaint 2).</summary>
public sealed class SingleFlightTests(PackageSystem system) : IAsyncLifetime
{
    private const int HangsFor = 5;
    private readonly string _name = PackageSystem.NewName();
    private readonly string _upstreamName = PackageSystem.NewName("up");
    private NpmUpstream _upstream = null!;
    private ProxySystem _proxy = null!;
    private ServiceHost _second = null!;

    private string Tarball => $"/{_name}/-/{_name}-1.0.0.tgz";

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _upstream.Add(_name, "1.0.0");
        _proxy = await ProxySystem.StartAsync(system, ProxySystem.Entry(_upstream, _upstreamName, static entry => entry["timeoutSeconds"] = HangsFor));
        _second = await _proxy.AddHostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hundred_who_want_the_same_through_two_processes_are_one_question(bool isTarball)
    {
        var (path, gate) = (isTarball ? Tarball : $"/{_name}", new TaskCompletionSource());
        _upstream.Fault = isTarball ? Faults.OfTarballs(Faults.Until(gate.Task)) : Faults.Until(gate.Task);

        var asked = Enumerable.Range(0, 100).Select(i => StatusAsync(path, i % 2 == 0 ? _proxy.Host : _second)).ToList();
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf(path) > 0, "the upstream is asked");
        gate.SetResult();

        (await Task.WhenAll(asked)).ShouldAllBe(static status => status == HttpStatusCode.OK);
        _upstream.CountOf(path).ShouldBe(1);
        _upstream.Requests.Count.ShouldBe(isTarball ? 2 : 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_is_everybodys_who_waited_and_the_next_one_asks_again(bool isTarball)
    {
        var path = isTarball ? Tarball : $"/{_name}";
        _upstream.Fault = isTarball ? Faults.OfTarballs(Faults.Hang) : Faults.Hang; // for some seconds, in which all have come

        var failures = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _proxy.FailureAsync(path, i % 2 == 0 ? _proxy.Host : _second)));

        failures.ShouldAllBe(static failure => failure.Status == 503 && failure.Code == "upstream_unavailable");
        _upstream.CountOf(path).ShouldBe(1);
        _upstream.Fault = null;
        (await StatusAsync(path, _second)).ShouldBe(HttpStatusCode.OK);
        _upstream.CountOf(path).ShouldBe(2);
    }

    [Fact]
    public async Task A_tarball_that_the_upstream_does_not_have_is_not_there_for_all_who_waited()
    {
        var gate = new TaskCompletionSource();
        _upstream.Fault = Faults.OfTarballs(async context =>
        {
            await gate.Task;
            return await Faults.Status(404)(context);
        });

        var asked = Enumerable.Range(0, 10).Select(i => _proxy.FailureAsync(Tarball, i % 2 == 0 ? _proxy.Host : _second)).ToList();
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf(Tarball) == 1, "the upstream is asked");
        gate.SetResult();

        (await Task.WhenAll(asked)).ShouldAllBe(static failure => failure.Status == 404 && failure.Code == "tarball_not_found");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_who_asked_may_leave_and_the_others_get_it(bool isTarball)
    {
        var (path, gate) = (isTarball ? Tarball : $"/{_name}", new TaskCompletionSource());
        _upstream.Fault = isTarball ? Faults.OfTarballs(Faults.Until(gate.Task)) : Faults.Until(gate.Task);
        using var client = _proxy.Npm();
        using var leaves = new CancellationTokenSource();
        var first = client.GetAsync(new Uri(path, UriKind.Relative), leaves.Token);
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf(path) == 1, "the upstream is asked");

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        var second = StatusAsync(path, _proxy.Host);
        gate.SetResult();

        (await second).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(path, _second)).ShouldBe(HttpStatusCode.OK);
        _upstream.CountOf(path).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_died_while_it_asked_delays_others_by_its_lease_at_most(bool isTarball)
    {
        var clock = Stopwatch.StartNew();
        await _proxy.ReadAsync(db => LeaseAsync(db, isTarball));

        (await StatusAsync(isTarball ? Tarball : $"/{_name}", _proxy.Host)).ShouldBe(HttpStatusCode.OK);

        clock.Elapsed.TotalSeconds.ShouldBeInRange(1.9, 45);
    }

    [Fact]
    public async Task An_answer_that_came_after_its_lease_was_over_is_not_written_over_what_others_write()
    {
        var gate = new TaskCompletionSource();
        _upstream.Fault = Faults.Until(gate.Task);
        var late = _proxy.FailureAsync($"/{_name}");
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf($"/{_name}") == 1, "the upstream is asked");

        await _proxy.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE upstream_packuments SET lease_owner = gen_random_uuid(), lease_until = now() WHERE name = {_name}"));
        gate.SetResult();

        (await late).Status.ShouldBe(503);
        (await StatusAsync($"/{_name}", _proxy.Host)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_process_that_was_asked_to_end_answers_cold_questions_as_long_as_it_serves()
    {
        var gate = new TaskCompletionSource();
        _upstream.Fault = Faults.Until(gate.Task);
        var before = StatusAsync($"/{_name}", _second);
        await Eventually.ShouldHoldAsync(() => _upstream.CountOf($"/{_name}") == 1, "the upstream is asked");

        _second.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication(); // what SIGTERM does; draining begins
        gate.SetResult();

        (await before).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(Tarball, _second)).ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode> StatusAsync(string path, ServiceHost host)
    {
        using var answer = await _proxy.GetAsync(path, host);
        return answer.StatusCode;
    }

    private async Task<int> LeaseAsync(PackageDbContext db, bool isTarball)
    {
        if (isTarball)
        {
            await db.LeaseTarballAsync(new TarballAddress(_upstreamName, _name, "1.0.0"), Guid.CreateVersion7(), (null, null), CancellationToken.None);
            return await db.Database.ExecuteSqlAsync($"UPDATE upstream_tarballs SET lease_until = now() + interval '2 seconds' WHERE name = {_name}");
        }

        await db.LeasePackumentAsync(new PackumentAddress(_upstreamName, _name, false), Guid.CreateVersion7(), null, CancellationToken.None);
        return await db.Database.ExecuteSqlAsync($"UPDATE upstream_packuments SET lease_until = now() + interval '2 seconds' WHERE name = {_name}");
    }
}
