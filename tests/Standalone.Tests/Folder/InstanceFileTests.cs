using System.Net;
using System.Net.Sockets;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Tests.Folder;

public sealed class InstanceFileTests
{
    [Fact]
    public async Task A_port_is_chosen_below_the_clients_range_and_remembered()
    {
        await using var folder = await TestFolder.CreateAsync();

        var port = new InstanceFile(folder.Folder).PortFor("postgres", false, folder.Said.WriteLine);

        port.ShouldBeInRange(1024, Ports.Ceiling - 1);
        new InstanceFile(folder.Folder).PortFor("postgres", false, folder.Said.WriteLine).ShouldBe(port);
        folder.Said.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_somebody_else_took_is_moved_and_that_is_said()
    {
        await using var folder = await TestFolder.CreateAsync();
        var instance = new InstanceFile(folder.Folder);
        var port = instance.PortFor("postgres", false, folder.Said.WriteLine);
        using var somebody = new TcpListener(IPAddress.Loopback, port);
        somebody.Start();

        var moved = instance.PortFor("postgres", false, folder.Said.WriteLine);

        moved.ShouldNotBe(port);
        folder.Said.ToString().ShouldContain($"Port {port}, used for postgres until now, is taken by another program: moved to {moved}.");
    }

    [Fact]
    public async Task A_port_our_own_server_listens_on_stays()
    {
        await using var folder = await TestFolder.CreateAsync();
        var instance = new InstanceFile(folder.Folder);
        var port = instance.PortFor("postgres", false, folder.Said.WriteLine);
        using var ours = new TcpListener(IPAddress.Loopback, port);
        ours.Start();

        instance.PortFor("postgres", true, folder.Said.WriteLine).ShouldBe(port);
    }

    [Fact]
    public async Task A_damaged_file_is_named_instead_of_being_overwritten()
    {
        await using var folder = await TestFolder.CreateAsync();
        await File.WriteAllTextAsync(folder.Folder.Instance, "{ \"ports\": ", TestContext.Current.CancellationToken);

        Should.Throw<RefusedException>(() => InstanceFile.Load(folder.Folder)).Message.ShouldContain(folder.Folder.Instance);

        File.Delete(folder.Folder.Instance);
    }

    [Fact]
    public async Task Only_one_process_at_a_time_manages_a_directory()
    {
        await using var folder = await TestFolder.CreateAsync();
        using var first = await FolderLock.TryTakeAsync(folder.Folder, TestContext.Current.CancellationToken);

        var second = await FolderLock.TryTakeAsync(folder.Folder, TestContext.Current.CancellationToken);

        first.ShouldNotBeNull();
        second.ShouldBeNull();
    }
}
