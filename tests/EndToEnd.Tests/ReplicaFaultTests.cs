using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>
/// Two replicas of every service under sixteen clients, of which one after the other is killed, or asked to end. Reads are repeated as npm
/// repeats them, writes are not.
/// </summary>
[Collection(nameof(OwnRegistries))]
[Trait("Category", "faults")]
public sealed class ReplicaFaultTests
{
    private static readonly TimeSpan DrainsWithin = TimeSpan.FromSeconds(10);
    private static readonly string[] Victims = ["storage-2", "auth-2", "packages-2", "search-2", "web"];

    [Fact]
    public Task Replicas_killed_one_after_the_other_lose_nothing() => WhileAsync(Victims, "-KILL", answers => answers.Where(answer => answer[..3] is not ("201" or "502" or "503")).ShouldBeEmpty());

    [Fact]
    public Task Replicas_that_end_fail_no_request() => WhileAsync(["packages-2", "storage-2"], "-TERM", answers => answers.Where(answer => answer[..3] != "201").ShouldBeEmpty());

    private static async Task WhileAsync(string[] victims, string signal, Action<IEnumerable<string>> check)
    {
        await using var registry = await RegistryProcess.StartAsync(new JsonObject { ["Services"] = true, ["Replicas"] = 2 });
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("crowd", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        using var crowd = new Crowd(registry, client);
        await crowd.StartAsync();

        foreach (var victim in victims)
        {
            await EndAndAwaitReturnAsync(registry, victim, signal);
        }

        await crowd.StopAsync();
        crowd.FailedReads.ShouldBeEmpty();
        check(crowd.Answers);
        crowd.Acknowledged.Count.ShouldBeGreaterThan(50);
        await crowd.ShouldHaveLostNothingAsync();
    }

    private static async Task EndAndAwaitReturnAsync(RegistryProcess registry, string victim, string signal)
    {
        var process = await PidOfAsync(registry, victim) ?? throw new InvalidOperationException($"{victim} does not run.");
        (await Command.RunAsync("kill", [signal, process.ToString(CultureInfo.InvariantCulture)], "/")).ShouldSucceed();
        await Eventually.ShouldHoldAsync(() => !IsRunning(process), $"{victim} has ended", (int)DrainsWithin.TotalSeconds);
        await Eventually.ShouldHoldAsync(
            async () => (await registry.StatusAsync())["services"]![victim] is { } service && service["pid"]?.GetValue<int>() != process && service["state"]!.GetValue<string>() == "ok",
            $"{victim} is back",
            withinSeconds: 90);
    }

    private static async Task<int?> PidOfAsync(RegistryProcess registry, string service) =>
        (await registry.StatusAsync())["services"]![service]!["pid"]?.GetValue<int>();

    /// <summary>A process that ended stays in the table until its parent has asked for it.</summary>
    private static bool IsRunning(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ten readers and six publishers, who go on until told to stop.</summary>
    private sealed class Crowd(RegistryProcess registry, HttpClient client) : IDisposable
    {
        private const int Readers = 10;
        private const int Publishers = 6;
        private static readonly TimeSpan[] Retries = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)]; // npm's own
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _answers = new();
        private Task _work = Task.CompletedTask;

        public ConcurrentDictionary<(string Name, string Version), byte[]> Acknowledged { get; } = new();

        public ConcurrentQueue<string> FailedReads { get; } = new();

        /// <summary>Status and body of every publish.</summary>
        public IEnumerable<string> Answers => _answers;

        public async Task StartAsync()
        {
            for (var i = 0; i < Publishers; i++)
            {
                await PublishAsync($"crowd-{i}", "1.0.0");
            }

            Acknowledged.Count.ShouldBe(Publishers);
            _work = Task.WhenAll([.. Enumerable.Range(0, Readers).Select(ReadAsync), .. Enumerable.Range(0, Publishers).Select(PublishAsync)]);
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _work;
        }

        public void Dispose() => _stop.Dispose();

        public async Task ShouldHaveLostNothingAsync()
        {
            foreach (var ((name, version), tarball) in Acknowledged)
            {
                (await client.GetByteArrayAsync($"{registry.Npm}/{name}/-/{name}-{version}.tgz")).ShouldBe(tarball);
            }
        }

        private async Task ReadAsync(int number)
        {
            for (var i = number; !_stop.IsCancellationRequested; i++)
            {
                var name = $"crowd-{i % Publishers}";
                string[] targets = [$"/{name}", $"/{name}/-/{name}-1.0.0.tgz", "/-/v1/search?text=crowd", "/-/whoami"];
                var target = targets[i % targets.Length];
                var failure = await FailureOfAsync(target);
                for (var retry = 0; failure is not null && retry < Retries.Length; retry++)
                {
                    await Task.Delay(Retries[retry]);
                    failure = await FailureOfAsync(target);
                }

                if (failure is not null)
                {
                    FailedReads.Enqueue($"{target}: {failure}");
                }

                await Task.Delay(20);
            }
        }

        private async Task<string?> FailureOfAsync(string target)
        {
            try
            {
                using var answer = await client.GetAsync($"{registry.Npm}{target}");
                return answer.IsSuccessStatusCode ? null : $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            }
            catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
            {
                return broken.Message;
            }
        }

        private async Task PublishAsync(int number)
        {
            for (var i = 1; !_stop.IsCancellationRequested; i++)
            {
                await PublishAsync($"crowd-{number}", $"1.0.{i}");
                await Task.Delay(50);
            }
        }

        private async Task PublishAsync(string name, string version)
        {
            var tarball = TarballOf.Package(name, version);
            using var answer = await client.PutAsync($"{registry.Npm}/{name}", new StringContent(TarballOf.NpmDocument(name, version, tarball).ToJsonString()));
            var body = await answer.Content.ReadAsStringAsync();
            _answers.Enqueue($"{(int)answer.StatusCode} {body}");
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                Acknowledged[(name, version)] = tarball;
                return;
            }

            // Refused cleanly: a sentence in the common body.
            JsonNode.Parse(body)!["error"]!.GetValue<string>().ShouldNotBeEmpty();
        }
    }
}
