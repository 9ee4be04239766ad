using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>Finds RabbitMQ's programs and Erlang's port mapper.</summary>
internal static class RabbitMqPrograms
{
    // Debian's programs on the path insist on their own user and their own data; those behind them do not.
    private const string DebianWrapper = "rabbitmq-script-wrapper";

    private static readonly string[] Places =
    [
        "/usr/lib/rabbitmq/bin", "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin", "/opt/homebrew/opt/rabbitmq/sbin",
        "/usr/local/opt/rabbitmq/sbin", "/home/linuxbrew/.linuxbrew/opt/rabbitmq/sbin",
    ];

    private static readonly string[] ErlangPlaces =
    [
        "/usr/lib/erlang/bin", "/usr/lib/erlang/erts-*/bin", "/opt/homebrew/lib/erlang/erts-*/bin", "/usr/local/lib/erlang/erts-*/bin",
        "/home/linuxbrew/.linuxbrew/lib/erlang/erts-*/bin",
    ];

    /// <summary>RabbitMQ's programs; null when it is not installed.</summary>
    public static ServerPrograms? Find()
    {
        if (FindPortMapper() is null)
        {
            return null;
        }

        var server = Places.SelectMany(ProgramSearch.Folders)
            .Select(static folder => Path.Combine(folder, "rabbitmq-server"))
            .Append(ProgramSearch.OnPath("rabbitmq-server") ?? "")
            .FirstOrDefault(static path => File.Exists(path) && Path.GetFileName(ProgramSearch.Resolve(path)) != DebianWrapper);
        return server is null
            ? null
            : new ServerPrograms(Path.GetDirectoryName(server)!, ServerPrograms.VersionIn(ProgramSearch.Resolve(server)), "installed");
    }

    /// <summary>Erlang's port mapper; null when Erlang is not installed.</summary>
    public static string? FindPortMapper() =>
        ProgramSearch.OnPath("epmd")
        ?? ErlangPlaces.SelectMany(ProgramSearch.Folders).Select(static folder => Path.Combine(folder, "epmd")).FirstOrDefault(File.Exists);

    /// <summary>Refuses data that another major version made.</summary>
    public static void Check(ServerPrograms programs, ProgramsState? maker, DataFolder folder)
    {
        if (maker is not null && ServerPrograms.VersionIn(maker.Version).Major is var major && major != programs.Version.Major)
        {
            throw new RefusedException(
                $"The data in {folder.RabbitMq} was made by RabbitMQ {maker.Version}, and {programs.Version} is installed ({programs.Folder}): "
                + "another major version is not opened unasked. Stop the registry, install the former version, or delete that folder: "
                + "it holds only messages under way, which are made again from the database.");
        }
    }
}
