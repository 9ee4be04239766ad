using System.Diagnostics;

using Npgsql;

using Registry.Standalone.Processes;
using Registry.Standalone.Servers;
using Eventually = Registry.Testing.Eventually;

namespace Registry.Standalone.Tests.Servers;

public sealed class PostgresTests
{
    [Fact]
    public async Task A_private_server_is_made_adopted_restarted_and_stopped()
    {
        await using var folder = await TestFolder.CreateAsync();
        var programs = await FindAsync();
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed");

        // Made: the first start, by an account that is not root.
        var first = NewServer(folder, programs, out var connectionString);
        (await first.StartAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
        var begun = Known(folder);
        (await ReadAsync(connectionString, "show data_checksums")).ShouldBe("on");
        (await ReadAsync(connectionString, "show fsync")).ShouldBe("on");
        (await ReadAsync(connectionString, "show listen_addresses")).ShouldBe("127.0.0.1");
        (await UserIdAsync(begun.Process.Pid)).ShouldNotBe("0");

        // Adopted: by whoever comes after us, without a restart.
        var second = NewServer(folder, programs, out _);
        (await second.StartAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        Known(folder).ShouldBe(begun);

        // Restarted: after kill -9, by the one that watches it.
        using var watching = new CancellationTokenSource();
        var watch = second.WatchAsync(watching.Token);
        begun.Process.Send(Signal.Kill);
        await Eventually.ShouldHoldAsync(async () => folder.NewHost().Instance.State.Servers.GetValueOrDefault("postgres")?.Restarts > 0 && await second.Server.AnswersAsync(default), "PostgreSQL was started again");
        Known(folder).Process.Pid.ShouldNotBe(begun.Process.Pid);
        await watching.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watch);

        // Stopped: and nothing of it is left.
        var restarted = Known(folder);
        (await BackingServers.StopAllAsync(new(folder.Folder))).ShouldBe(1);
        restarted.Process.IsAlive().ShouldBeFalse();
        File.Exists(Path.Combine(folder.Folder.Postgres, "data", "postmaster.pid")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_started_with_other_settings_is_replaced()
    {
        await using var folder = await TestFolder.CreateAsync();
        var programs = await FindAsync();
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed");
        await NewServer(folder, programs, out _).StartAsync(TestContext.Current.CancellationToken);
        var before = Known(folder);
        folder.NewHost().Instance.SetServer("postgres", before with { Settings = "another fingerprint" });

        var adopted = await NewServer(folder, programs, out _).StartAsync(TestContext.Current.CancellationToken);

        adopted.ShouldBeFalse();
        before.Process.IsAlive().ShouldBeFalse();
        Known(folder).Process.IsAlive().ShouldBeTrue();
    }

    [Fact]
    public async Task Data_of_another_major_version_is_refused()
    {
        await using var folder = await TestFolder.CreateAsync();
        Directory.CreateDirectory(Path.Combine(folder.Folder.Postgres, "data"));
        await File.WriteAllTextAsync(Path.Combine(folder.Folder.Postgres, "data", "PG_VERSION"), "9\n", TestContext.Current.CancellationToken);

        var refused = Should.Throw<RefusedException>(() => PostgresPrograms.Choose(
            folder.Folder, [new ServerPrograms("/usr/lib/postgresql/17/bin", new Version(17, 2), "installed"), new ServerPrograms("/usr/lib/postgresql/16/bin", new Version(16, 6), "installed")]));

        refused.Message.ShouldContain("was made by PostgreSQL 9");
        refused.Message.ShouldContain("17.2 in /usr/lib/postgresql/17/bin");
    }

    [Fact]
    public async Task Of_several_versions_the_one_that_made_the_data_is_used()
    {
        await using var folder = await TestFolder.CreateAsync();
        Directory.CreateDirectory(Path.Combine(folder.Folder.Postgres, "data"));
        await File.WriteAllTextAsync(Path.Combine(folder.Folder.Postgres, "data", "PG_VERSION"), "16\n", TestContext.Current.CancellationToken);

        var chosen = PostgresPrograms.Choose(
            folder.Folder, [new ServerPrograms("/17", new Version(17, 2), "installed"), new ServerPrograms("/16", new Version(16, 6), "installed")]);

        chosen.ShouldNotBeNull().Folder.ShouldBe("/16");
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_refused_with_the_end_of_its_log()
    {
        await using var folder = await TestFolder.CreateAsync();
        var programs = await FindAsync();
        Assert.SkipWhen(programs is null, "PostgreSQL is not installed");
        Directory.CreateDirectory(Path.Combine(folder.Folder.Postgres, "data"));
        await File.WriteAllTextAsync(Path.Combine(folder.Folder.Postgres, "data", "PG_VERSION"), "not a database\n", TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<RefusedException>(() => NewServer(folder, programs, out _).StartAsync(TestContext.Current.CancellationToken));

        refused.Message.ShouldContain("does not start. The end of ");
        refused.Message.ShouldContain(folder.Folder.Logs);
    }

    private static async Task<ServerPrograms?> FindAsync() =>
        await PostgresPrograms.FindInstalledAsync(default) is [var newest, ..] ? newest : null;

    private static SupervisedServer NewServer(TestFolder folder, ServerPrograms programs, out string connectionString)
    {
        var host = folder.NewHost();
        var process = new PostgresProcess(folder.Folder, programs, host.PortFor("postgres", "postgres"), host.Secrets.Password("postgres"));
        connectionString = process.ConnectionString;
        return new SupervisedServer(process, host.Instance, host.Account, host.Clock, host.Logger);
    }

    private static Standalone.Folder.ServerState Known(TestFolder folder) => folder.NewHost().Instance.State.Servers["postgres"];

    private static async Task<string> ReadAsync(string connectionString, string query)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
#pragma warning disable CA2100 // the queries are the tests' own
        await using var command = source.CreateCommand(query);
#pragma warning restore CA2100
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<string> UserIdAsync(int pid)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-o", "uid=", "-p", $"{pid}"]) { RedirectStandardOutput = true })!;
        return (await ps.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
    }
}
