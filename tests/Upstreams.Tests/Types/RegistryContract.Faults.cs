using System.Globalization;
using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Http;

using Registry.Upstreams.Types;


namespace Registry.Upstreams.Tests.Types;

/// <summary>The part about registries that misbehave: each way has one answer, and the first question after it is over succeeds.</summary>
public abstract partial class RegistryContract
{
    /// <summary>Every way to misbehave, with what it is taken for.</summary>
    public static TheoryData<string, RegistryFailure> Faults => new()
    {
        { "500", RegistryFailure.Failed },
        { "503", RegistryFailure.Failed },
        { "401", RegistryFailure.Refused },
        { "403", RegistryFailure.Refused },
        { "204", RegistryFailure.Failed },
        { "429", RegistryFailure.RateLimited },
        { "hang", RegistryFailure.TooSlow },
        { "drip", RegistryFailure.TooSlow },
        { "html", RegistryFailure.BadAnswer },
        { "huge", RegistryFailure.BadAnswer },
        { "redirect loop", RegistryFailure.BadAnswer },
        { "redirect to http elsewhere", RegistryFailure.BadAnswer },
        { "redirect to no URL", RegistryFailure.BadAnswer },
        { "redirect to nothing", RegistryFailure.Failed },
        { "broken gzip", RegistryFailure.BadAnswer },
        { "broken brotli", RegistryFailure.BadAnswer },
        { "reset", RegistryFailure.Unreachable },
        { "truncated", RegistryFailure.Unreachable },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_registry_that_misbehaves_is_told_from_one_that_has_nothing(string fault, RegistryFailure failure)
    {
        using var registry = Open(Server.Url, PatienceWith(failure));
        using var patient = Open();
        Server.Fault = FaultOf(fault);

        var metadata = await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync(Name));
        var versions = await Should.ThrowAsync<RegistryException>(() => registry.ListVersionsAsync(Name));
        Server.Fault = null;

        metadata.Failure.ShouldBe(failure, metadata.Message);
        versions.Failure.ShouldBe(failure, versions.Message);
        metadata.Message.ShouldStartWith("The registry 'tested' ");
        (await (failure == RegistryFailure.TooSlow ? patient : registry).FetchMetadataAsync(Name)).ShouldNotBeNull();
    }

    [Fact]
    public async Task It_is_told_how_long_a_registry_wants_to_be_left_alone()
    {
        using var registry = Open();
        Server.Fault = FaultOf("429");

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync(Name)))
            .ShouldSatisfyAllConditions(
                limited => limited.RetryAfter.ShouldBe(TimeSpan.FromSeconds(17)),
                limited => limited.Status.ShouldBe(HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_tarball_of_other_bytes_is_refused_and_leaves_nothing()
    {
        using var registry = Open();
        Server.Bytes(await TarballTargetAsync(registry), Tarball("9.9.9"));
        if (!HasChecksums)
        {
            (await registry.DownloadTarballAsync(Name, "1.0.0", Path("other.tgz"))).ShouldBeTrue(); // nothing to compare with
            return;
        }

        var refused = await Should.ThrowAsync<RegistryException>(() => registry.DownloadTarballAsync(Name, "1.0.0", Path("other.tgz")));

        refused.Failure.ShouldBe(RegistryFailure.BadTarball);
        _folder.GetFiles().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("hang", RegistryFailure.TooSlow)]
    [InlineData("reset", RegistryFailure.Unreachable)]
    [InlineData("truncated", RegistryFailure.Unreachable)]
    public async Task A_tarball_that_breaks_off_leaves_nothing(string fault, RegistryFailure failure)
    {
        using var registry = Open(Server.Url, PatienceWith(failure));
        using var patient = Open();
        Server.On(await TarballTargetAsync(patient), FaultOf(fault));

        var broken = await Should.ThrowAsync<RegistryException>(() => registry.DownloadTarballAsync(Name, "1.0.0", Path("broken.tgz")));

        broken.Failure.ShouldBe(failure, broken.Message);
        _folder.GetFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_without_an_address_a_closed_port_and_a_server_without_TLS_are_told_apart()
    {
        using var nameless = Open(new Uri("http://registry.invalid/"));
        using var closed = Open(new Uri($"http://127.0.0.1:{ClosedPort()}/"));
        using var plain = Open(new Uri($"https://127.0.0.1:{Server.Url.Port}/"));

        (await Should.ThrowAsync<RegistryException>(() => nameless.FetchMetadataAsync(Name))).ShouldSatisfyAllConditions(
            unknown => unknown.Failure.ShouldBe(RegistryFailure.Unreachable),
            unknown => unknown.Message.ShouldContain("registry.invalid"));
        (await Should.ThrowAsync<RegistryException>(() => closed.FetchMetadataAsync(Name))).Failure.ShouldBe(RegistryFailure.Unreachable);
        (await Should.ThrowAsync<RegistryException>(() => plain.FetchMetadataAsync(Name))).Failure.ShouldBe(RegistryFailure.Untrusted);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_no_failure_of_the_registry()
    {
        using var registry = Open();
        Server.Fault = FaultOf("hang");
        using var given = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OperationCanceledException>(() => registry.FetchMetadataAsync(Name, null, given.Token));
    }

    private async Task<string> TarballTargetAsync(PackageRegistry registry) => (await registry.FetchMetadataAsync(Name, "1.0.0"))!.TarballUrl!.PathAndQuery;

    private static int PatienceWith(RegistryFailure failure) => failure == RegistryFailure.TooSlow ? 1 : 30;

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static RequestDelegate FaultOf(string fault) =>
        fault switch
        {
            "hang" => static context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "drip" => DripAsync,
            "html" => static context => context.Response.WriteAsync("<!doctype html><title>Sign in to the wireless network</title>"),
            "huge" => HugeAsync,
            "redirect loop" => static context => RedirectAsync(context, context.Request.Path + context.Request.QueryString),
            "redirect to http elsewhere" => static context => RedirectAsync(context, "http://127.0.0.2/elsewhere"),
            "redirect to no URL" => static context => RedirectAsync(context, "//b:99999/"),
            "redirect to nothing" => static context => RedirectAsync(context, null),
            "broken gzip" => static context => EncodedAsync(context, "gzip"),
            "broken brotli" => static context => EncodedAsync(context, "br"),
            "reset" => ResetAsync,
            "truncated" => TruncatedAsync,
            var status => context => StatusAsync(context, status),
        };

    private static Task ResetAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Task StatusAsync(HttpContext context, string status)
    {
        context.Response.StatusCode = int.Parse(status, CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = status == "429" ? "17" : default;
        return Task.CompletedTask;
    }

    private static Task EncodedAsync(HttpContext context, string encoding)
    {
        context.Response.Headers.ContentEncoding = encoding;
        return context.Response.WriteAsync("this is not compressed at all");
    }

    private static Task RedirectAsync(HttpContext context, string? to)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers.Location = to;
        return Task.CompletedTask;
    }

    private static async Task DripAsync(HttpContext context)
    {
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync(" ");
            await context.Response.Body.FlushAsync();
            await Task.Delay(100);
        }
    }

    private static async Task HugeAsync(HttpContext context)
    {
        var piece = new byte[1024 * 1024];
        piece.AsSpan().Fill((byte)' ');
        for (var count = 0; count < 1024 && !context.RequestAborted.IsCancellationRequested; count++)
        {
            await context.Response.Body.WriteAsync(piece);
        }
    }

    private static async Task TruncatedAsync(HttpContext context)
    {
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("""{"name":""");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
