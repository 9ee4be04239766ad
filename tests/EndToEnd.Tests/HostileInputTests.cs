using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests;

/// <summary>Requests that somebody made wrong on purpose, on every public route: each gets an answer, soon, that is not the server's fault.</summary>
[Collection(nameof(OwnRegistries))]
[Trait("Category", "faults")]
[Trait("Profile", "one")]
public sealed class HostileInputTests
{
    private const int Connections = 8;
    private const long MayGrow = 96L * 1024 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    [Fact]
    [Trait("Smoke", "true")]
    public Task A_thousand_mutated_requests_are_answered() => SendAsync(1_000, 0);

    [Fact]
    public Task Ten_thousand_mutated_requests_are_answered_and_leave_no_memory_behind() => SendAsync(10_000, 5_000);

    private static async Task SendAsync(int count, int warmUp)
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("hostile", "correct horse battery")).ShouldSucceed();
        foreach (var name in new[] { RequestSeed.Package, RequestSeed.Prey })
        {
            (await npm.RunAsync(npm.NewPackage(name, "1.0.0"), "publish", "--access", "public")).ShouldSucceed();
        }

        using var client = RegistryFixture.HttpFor(npm);
        var before = await client.GetByteArrayAsync($"{registry.Npm}/{RequestSeed.Package}/-/{RequestSeed.Package}-1.0.0.tgz");
        var processes = await registry.ProcessIdsAsync();

        await SendAllAsync(registry, npm.Token!, Enumerable.Range(count, warmUp));
        var warm = PeakWatch.ResidentBytes(processes);
        await SendAllAsync(registry, npm.Token!, Enumerable.Range(0, count));

        if (warmUp > 0)
        {
            (PeakWatch.ResidentBytes(processes) - warm).ShouldBeLessThan(MayGrow);
        }

        (await client.GetByteArrayAsync($"{registry.Npm}/{RequestSeed.Package}/-/{RequestSeed.Package}-1.0.0.tgz")).ShouldBe(before);
        await registry.UntilHealthyAsync();
    }

    private static async Task SendAllAsync(RegistryProcess registry, string token, IEnumerable<int> numbers)
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (number, _) =>
        {
            var mutation = Mutation.Of(number, token);
            var clock = Stopwatch.StartNew();
            var answer = await AnswerAsync(new Uri(mutation.IsNative ? registry.Web : registry.Npm), mutation);
            if (clock.Elapsed > Longest || answer is >= 500 || (answer is null && !mutation.IsTruncated))
            {
                wrong.Enqueue($"{number}: {answer?.ToString(CultureInfo.InvariantCulture) ?? "no answer"} after {clock.ElapsedMilliseconds} ms to {mutation.Description}");
            }
        });
        wrong.ShouldBeEmpty();
    }

    /// <summary>The status of the answer once all of it has come; null when there was none.</summary>
    private static async Task<int?> AnswerAsync(Uri registry, Mutation request)
    {
        using var limit = new CancellationTokenSource(Longest + TimeSpan.FromSeconds(1));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var (head, buffer) = (new StringBuilder(), new byte[16 * 1024]);
        try
        {
            await socket.ConnectAsync(registry.Host, registry.Port, limit.Token);
            await TrySendAsync(socket, request, limit.Token);
            while (await socket.ReceiveAsync(buffer, limit.Token) is var count and > 0)
            {
                head.Append(Encoding.Latin1.GetString(buffer, 0, head.Length < 64 ? count : 0));
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            // What had come until then counts.
        }

        var status = head.ToString().Split(' ');
        return status.Length > 1 && int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null;
    }

    /// <summary>Whoever is refused early may find the connection closed while it still sends; the answer is there all the same.</summary>
    private static async Task TrySendAsync(Socket socket, Mutation request, CancellationToken cancellationToken)
    {
        try
        {
            for (var sent = 0; sent < request.Bytes.Length;)
            {
                sent += await socket.SendAsync(request.Bytes.AsMemory(sent), cancellationToken);
            }

            if (request.IsTruncated)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // Read what there is.
        }
    }
}
