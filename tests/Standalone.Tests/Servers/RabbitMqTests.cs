using System.Net.Sockets;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;
using Eventually = Registry.Testing.Eventually;

namespace Registry.Standalone.Tests.Servers;

public sealed class RabbitMqTests
{
    [Fact]
    public async Task A_private_broker_is_made_restarted_adopted_and_stopped()
    {
        var programs = RabbitMqPrograms.Find();
        Assert.SkipWhen(programs is null, "RabbitMQ is not installed");
        await using var folder = await TestFolder.CreateAsync();
        var host = folder.NewHost();
        var ports = new RabbitMqPorts(host.PortFor("rabbitmq", "rabbitmq"), host.PortFor("rabbitmq-distribution", "rabbitmq"), host.PortFor("epmd", "epmd"), null);
        var mapper = new SupervisedServer(
            new PortMapperProcess(folder.Folder, RabbitMqPrograms.FindPortMapper()!, ports.PortMapper), host.Instance, host.Account, host.Clock, host.Logger);
        SupervisedServer NewBroker(ServerHost by) =>
            new(new RabbitMqProcess(folder.Folder, programs, ports, by.Secrets.Password("rabbitmq")), by.Instance, by.Account, by.Clock, by.Logger);

        // Made, in a process of its own that is the node itself, not a script that waits for it.
        await mapper.StartAsync(TestContext.Current.CancellationToken);
        var first = NewBroker(host);
        (await first.StartAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
        var begun = host.Instance.State.Servers["rabbitmq"];
        ProcessTable.Read(begun.Process.Pid).ShouldNotBeNull().CommandLine.ShouldContain("beam");
        LocalAddressesOf(ports).ShouldAllBe(static address => address == "0100007F" || address == "00000000000000000000000001000000");

        // Restarted after kill -9.
        using var watching = new CancellationTokenSource();
        var watch = first.WatchAsync(watching.Token);
        begun.Process.Send(Signal.Kill);
        // An attempt to restart may fail, and between two attempts there is no process to know of.
        await Eventually.ShouldHoldAsync(async () => host.Instance.State.Servers.GetValueOrDefault("rabbitmq")?.Restarts > 0 && await first.Server.AnswersAsync(default), "the broker was started again", withinSeconds: 90);
        await watching.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watch);

        // Adopted by whoever comes after us, and stopped with its port mapper.
        var later = folder.NewHost();
        (await NewBroker(later).StartAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        (await BackingServers.StopAllAsync(later.Instance)).ShouldBe(2);
        using var client = new TcpClient();
        await Should.ThrowAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", ports.PortMapper, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task Data_of_another_major_version_is_refused()
    {
        await using var folder = await TestFolder.CreateAsync();

        Should.Throw<RefusedException>(() => RabbitMqPrograms.Check(
            new ServerPrograms("/usr/lib/rabbitmq/bin", new Version(4, 0, 5), "installed"), new ProgramsState("/usr/lib/rabbitmq/bin", "3.10.8", "installed"), folder.Folder))
            .Message.ShouldContain("was made by RabbitMQ 3.10.8, and 4.0.5 is installed");
    }

    /// <summary>The addresses, as the kernel writes them, that the node's ports are open on.</summary>
    private static IEnumerable<string> LocalAddressesOf(RabbitMqPorts ports)
    {
        var wanted = new[] { ports.Amqp, ports.Distribution, ports.PortMapper }.Select(static port => $"{port:X4}").ToHashSet();
        return File.Exists("/proc/net/tcp")
            ? File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == "0A" && wanted.Contains(fields[1][(fields[1].IndexOf(':', StringComparison.Ordinal) + 1)..]))
                .Select(static fields => fields[1][..fields[1].IndexOf(':', StringComparison.Ordinal)])
            : [];
    }
}
