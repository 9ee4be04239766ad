using System.Net;
using System.Net.Sockets;
using System.Text.Json;

using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Tests.Cli;

public sealed class CommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Without_a_registry_status_is_3_stop_is_0_and_users_are_refused()
    {
        await using var folder = await TestFolder.CreateAsync();

        var status = await RunAsync("status", "--json", "--data", folder.Folder.Root);
        status.ExitCode.ShouldBe(3, status.Output);
        JsonDocument.Parse(status.Output).RootElement.GetProperty("running").GetBoolean().ShouldBeFalse();
        (await RunAsync("stop", "--data", folder.Folder.Root)).ExitCode.ShouldBe(0);
        var user = await RunAsync("user", "list", "--data", folder.Folder.Root);
        user.ExitCode.ShouldBe(1);
        user.Output.ShouldContain($"The registry is not running on {folder.Folder.Root}");
        var cache = await RunAsync("cache", "--data", folder.Folder.Root);
        cache.ExitCode.ShouldBe(1);
        cache.Output.ShouldContain($"The registry is not running on {folder.Folder.Root}");
    }

    [Fact]
    public async Task A_second_up_on_the_same_directory_says_where_the_first_is()
    {
        await using var folder = await TestFolder.CreateAsync();
        using var held = await FolderLock.TryTakeAsync(folder.Folder, TestContext.Current.CancellationToken);
        new InstanceFile(folder.Folder).Change(state => state with
        {
            Supervisor = new SupervisorState(
                ProcessIdentity.Of(Environment.ProcessId, "Registry")!, TimeProvider.System.GetUtcNow(), true, new() { ["web"] = "http://127.0.0.1:9000" }),
        });

        var second = await RunAsync("up", "--data", folder.Folder.Root);

        second.ExitCode.ShouldBe(1);
        second.Output.ShouldContain("already running");
        second.Output.ShouldContain("http://127.0.0.1:9000/");
    }

    [Fact]
    public async Task Wrong_options_are_refused_before_anything_starts()
    {
        await using var folder = await TestFolder.CreateAsync();
        await File.WriteAllTextAsync(folder.Folder.Options, """{ "Accounts": { "SignUpp": "open" } }""", TestContext.Current.CancellationToken);

        var up = await RunAsync("up", "--data", folder.Folder.Root, "--background");

        up.ExitCode.ShouldBe(1);
        up.Output.ShouldContain("Accounts:SignUpp is not a known option (did you mean Accounts:SignUp?)");
        Directory.Exists(folder.Folder.Postgres).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_of_upstreams_that_cannot_be_used_is_refused_before_anything_starts()
    {
        await using var folder = await TestFolder.CreateAsync();
        var file = Path.Combine(folder.Folder.Root, "pantry.json");
        await File.WriteAllTextAsync(
            file,
            """
            { "registries": [
              { "name": "npm", "type": "nmp", "url": "https://upstream.example.test" },
              { "name": "company", "type": "npm" } ] }
            """,
            TestContext.Current.CancellationToken);

        var up = await RunAsync("up", "--data", folder.Folder.Root, "--background");
        var off = await RunAsync("up", "--data", folder.Folder.Root, "--no-upstreams", "--tls-cert", "missing.pem");

        up.ExitCode.ShouldBe(1);
        up.Output.ShouldContain($"{file}:2: registries[0].type: 'nmp' is not known");
        up.Output.ShouldContain($"{file}:3: registries[1].url: is missing");
        Directory.Exists(folder.Folder.Postgres).ShouldBeFalse();
        off.Output.ShouldNotContain("registries[0]");
    }

    [Fact]
    public async Task A_taken_port_is_named_in_one_sentence()
    {
        await using var folder = await TestFolder.CreateAsync();
        using var somebody = new TcpListener(IPAddress.Loopback, 0);
        somebody.Start();
        var port = ((IPEndPoint)somebody.LocalEndpoint).Port;

        var up = await RunAsync("up", "--data", folder.Folder.Root, "--port", $"{port}");

        up.ExitCode.ShouldBe(1);
        up.Output.ShouldContain($"Port {port} on 127.0.0.1, for the web listener, cannot be used");
    }

    private static Task<ProgramResult> RunAsync(params string[] arguments) =>
        ProgramRun.RunAsync("dotnet", [typeof(Listeners).Assembly.Location, .. arguments], Limit, TestContext.Current.CancellationToken);
}
