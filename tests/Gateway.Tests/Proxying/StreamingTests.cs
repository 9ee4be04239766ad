using System.Net;
using System.Net.Sockets;
using System.Text;

using Microsoft.AspNetCore.Http;

using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests.Proxying;

public sealed class StreamingTests
{
    private const long Length = 200 * 1024 * 1024;

    [Fact]
    public async Task The_service_sees_the_first_byte_before_the_client_has_sent_the_last()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (first, rest) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Packages.Answer = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1]);
            first.SetResult();
            await rest.Task;
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("done");
        };
        using var socket = await Wire.ConnectAsync(gateway.NpmAddress);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 32769\r\nConnection: close\r\n\r\n" + new string('a', 32 * 1024)));
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20));
        rest.SetResult();
        await stream.WriteAsync("b"u8.ToArray());

        (await new StreamReader(stream).ReadToEndAsync()).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task The_client_sees_each_part_of_an_answer_when_it_is_made()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var seen = new TaskCompletionSource();
        gateway.Packages.Answer = async context =>
        {
            await context.Response.WriteAsync("one");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await context.Response.WriteAsync("two");
        };
        using var client = gateway.Client(gateway.NpmAddress);
        using var answer = await client.GetAsync(new Uri("/x/-/all", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        await body.ReadExactlyAsync(buffer);

        seen.SetResult();

        Encoding.ASCII.GetString(buffer).ShouldBe("one");
        (await new StreamReader(body).ReadToEndAsync()).ShouldBe("two");
    }

    [Fact]
    public async Task Two_hundred_megabytes_pass_both_ways_without_being_held()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var received = 0L;
        gateway.Packages.Answer = async context =>
        {
            var buffer = new byte[64 * 1024];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0; received += read)
            {
                // Counted, not kept.
            }

            context.Response.ContentLength = Length;
            for (var sent = 0L; sent < Length; sent += buffer.Length)
            {
                await context.Response.Body.WriteAsync(buffer);
            }
        };
        var (before, peak) = (GC.GetTotalMemory(forceFullCollection: true), 0L);
        using var client = gateway.Client(gateway.NpmAddress);

        using var answer = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, "/x") { Content = new Upload(Length, () => peak = Math.Max(peak, GC.GetTotalMemory(false))) },
            HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (back, chunk) = (0L, new byte[64 * 1024]);
        for (int read; (read = await body.ReadAsync(chunk)) > 0; back += read)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(false));
        }

        (received, back).ShouldBe((Length, Length));
        (peak - before).ShouldBeLessThan(60 * 1024 * 1024);
    }

    [Fact]
    public async Task An_upload_that_is_refused_from_its_headers_is_answered_before_it_is_sent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Packages.Answer = RefuseAsync;
        using var socket = await Wire.ConnectAsync(gateway.NpmAddress);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: {Length}\r\n\r\nbeginning"));

        (await FirstPartAsync(stream)).ShouldStartWith("HTTP/1.1 413");
    }

    [Fact]
    public async Task An_upload_that_its_service_stops_reading_is_answered_before_it_has_been_sent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Packages.Answer = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1024 * 1024]);
            context.Response.Headers.Connection = "close";
            await RefuseAsync(context);
        };
        using var socket = await Wire.ConnectAsync(gateway.NpmAddress);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: {Length}\r\n\r\n"));
        var answering = FirstPartAsync(stream);
        var (sent, part) = (0L, new byte[64 * 1024]);

        while (!answering.IsCompleted && sent < Length)
        {
            await stream.WriteAsync(part);
            sent += part.Length;
            await Task.Delay(20);
        }

        // The service's own words when they arrive before the line is cut, an error of ours otherwise; never a hang.
        new[] { "HTTP/1.1 413", "HTTP/1.1 502" }.ShouldContain((await answering)[..12]);
        sent.ShouldBeLessThan(Length);
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_the_service()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (arrived, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Packages.Answer = async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled.SetResult();
        };
        var socket = await Wire.ConnectAsync(gateway.NpmAddress);
        await socket.GetStream().WriteAsync("GET /x/-/y HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));

        socket.Client.LingerState = new LingerOption(true, 0);
        socket.Dispose();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_upload_cut_by_its_client_never_ends_well_at_the_service()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var ended = new TaskCompletionSource<bool>();
        var arrived = new TaskCompletionSource();
        gateway.Packages.Answer = async context =>
        {
            arrived.SetResult();
            var copying = context.Request.Body.CopyToAsync(Stream.Null);
            await copying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.SetResult(copying.IsCompletedSuccessfully);
        };
        var socket = await Wire.ConnectAsync(gateway.NpmAddress);
        await socket.GetStream().WriteAsync("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray());
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));

        socket.Dispose();

        (await ended.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeFalse();
    }

    [Fact]
    public async Task The_trace_goes_on()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await Wire.SendAsync(gateway.NpmAddress, "GET", "/x", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        gateway.Packages.Requests.Single().Header("traceparent")!.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        return context.Response.WriteAsync("""{"error":"too large"}""");
    }

    private static async Task<string> FirstPartAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    private sealed class Upload(long length, Action onPart) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var part = new byte[64 * 1024];
            for (var sent = 0L; sent < length; sent += part.Length)
            {
                await stream.WriteAsync(part);
                onPart();
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
