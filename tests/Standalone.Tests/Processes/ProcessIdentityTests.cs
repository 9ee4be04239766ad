using System.Diagnostics;

using Registry.Standalone.Logs;
using Registry.Standalone.Processes;
using Registry.Testing;

namespace Registry.Standalone.Tests.Processes;

public sealed class ProcessIdentityTests
{
    [Fact]
    public async Task A_process_is_recognised_and_can_be_ended()
    {
        using var process = Process.Start("sleep", "301");
        var identity = ProcessIdentity.Of(process.Id, "sleep 301").ShouldNotBeNull();

        identity.IsAlive().ShouldBeTrue();
        identity.Send(Signal.Terminate);

        (await identity.HasEndedWithinAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
        ProcessIdentity.Of(process.Id, "sleep").ShouldBeNull();
    }

    [Fact]
    public void A_process_that_got_the_same_id_later_is_left_alone()
    {
        using var process = Process.Start("sleep", "302");
        try
        {
            var earlier = ProcessIdentity.Of(process.Id, "sleep 302")! with { StartedAt = "an earlier boot/17" };

            earlier.IsAlive().ShouldBeFalse();
            earlier.Send(Signal.Kill);

            process.WaitForExit(300).ShouldBeFalse();
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_process_with_another_command_line_is_left_alone()
    {
        using var process = Process.Start("sleep", "303");
        try
        {
            var other = ProcessIdentity.Of(process.Id, "-D /somewhere/postgres/data").ShouldNotBeNull();

            await Eventually.ShouldHoldAsync(() => !other.IsAlive(), "it shows its own command line"); // while it replaces its program it shows none
            other.Send(Signal.Kill);

            process.WaitForExit(300).ShouldBeFalse();
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_process_that_replaces_its_program_is_not_taken_for_dead()
    {
        await using var folder = await TestFolder.CreateAsync();
        var script = Path.Combine(folder.Folder.Root, "again.sh");
        await File.WriteAllTextAsync(script, "[ \"$1\" -ge 4000 ] || exec /bin/sh \"$0\" $(($1 + 1)) the-mark\n", TestContext.Current.CancellationToken);
        using var process = Process.Start("/bin/sh", [script, "0", "the-mark"]);
        var identity = ProcessIdentity.Of(process.Id, "the-mark").ShouldNotBeNull();

        while (identity.IsAlive())
        {
        }

        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await process.WaitForExitAsync(soon.Token);
    }

    [Fact]
    public async Task A_detached_process_is_its_own_session_and_writes_to_its_log()
    {
        await using var folder = await TestFolder.CreateAsync();
        var log = Path.Combine(folder.Folder.Logs, "detached.log");

        var process = DetachedProcess.Start(
            new Launch { Command = ["/bin/sh", "-c", "echo started; exec sleep 304"], Folder = "/", Log = log, Mark = "304" }, folder.Account).ShouldNotBeNull();

        await Eventually.ShouldHoldAsync(() => BoundedLog.Tail(log, 5).Contains("started"), "it wrote to its log");
        process.IsAlive().ShouldBeTrue();
        if (OperatingSystem.IsLinux())
        {
            // Field 6 of /proc/PID/stat, counted after the name, is the session: Ctrl-C in ours does not reach it.
            var stat = await File.ReadAllTextAsync($"/proc/{process.Pid}/stat", TestContext.Current.CancellationToken);
            stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3].ShouldBe($"{process.Pid}");
        }

        process.Send(Signal.Kill);
        (await process.HasEndedWithinAsync(TimeSpan.FromSeconds(5))).ShouldBeTrue();
    }
}
