using Registry.Standalone.Logs;

namespace Registry.Standalone.Tests.Logs;

public sealed class LogTests
{
    [Fact]
    public async Task A_log_file_is_rolled_when_it_is_large_and_the_oldest_is_dropped()
    {
        await using var folder = await TestFolder.CreateAsync();
        var path = Path.Combine(folder.Folder.Logs, "large.log");
        var line = new string('x', 8000);

        await using (var file = new RollingFile(path))
        {
            for (var written = 0; written < 10_000; written++)
            {
                file.Write(line);
                if (written % 4000 == 0)
                {
                    await Task.Delay(200, TestContext.Current.CancellationToken); // the queue is bounded: let it drain
                }
            }
        }

        var files = Directory.GetFiles(folder.Folder.Logs, "large.log*");
        files.Length.ShouldBeInRange(2, 5);
        files.Sum(static file => new FileInfo(file).Length).ShouldBeLessThan(120_000_000);
    }

    [Fact]
    public async Task A_log_another_program_appends_to_is_cut_while_it_is_open()
    {
        await using var folder = await TestFolder.CreateAsync();
        var path = Path.Combine(folder.Folder.Logs, "server.log");
        await using var writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        await writer.WriteAsync(new string('x', 11_000_000));

        BoundedLog.Trim(path);
        await File.AppendAllTextAsync(path, "after\n", TestContext.Current.CancellationToken);

        BoundedLog.Tail(path, 3).ShouldBe(["after"]);
        new FileInfo(path + ".1").Length.ShouldBe(11_000_000);
    }
}
