using Microsoft.Extensions.Logging.Abstractions;

using Registry.Standalone.Cli;
using Registry.Standalone.Folder;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Tests;

/// <summary>A data directory of a test's own. What was started in it is ended, and the directory deleted.</summary>
internal sealed class TestFolder : IAsyncDisposable
{
    private TestFolder(DataFolder folder, ServerAccount account)
    {
        Folder = folder;
        Account = account;
    }

    public DataFolder Folder { get; }

    public ServerAccount Account { get; }

    /// <summary>What was said to the operator.</summary>
    public StringWriter Said { get; } = new();

    public static async Task<TestFolder> CreateAsync()
    {
        var account = await ServerAccount.FindAsync(TestContext.Current.CancellationToken);
        var folder = DataFolder.Choose(Directory.CreateTempSubdirectory("registry-standalone-").FullName, out _);
        folder.Create(account);
        return new TestFolder(folder, account);
    }

    /// <summary>A new view of the directory, as a process that starts now has it.</summary>
    public ServerHost NewHost() =>
        new()
        {
            Folder = Folder,
            Instance = new InstanceFile(Folder),
            Account = Account,
            Progress = new Progress(Said, TimeProvider.System),
            Logger = NullLogger.Instance,
        };

    public async ValueTask DisposeAsync()
    {
        await BackingServers.StopAllAsync(new InstanceFile(Folder));
        Directory.Delete(Folder.Root, recursive: true);
    }
}
