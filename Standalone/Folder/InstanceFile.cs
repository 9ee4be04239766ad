using System.Net;
using System.Text.Json;

using Registry.ServiceDefaults;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Folder;

/// <summary>Reads and writes <c>instance.json</c>. Only the holder of the lock writes.</summary>
internal sealed class InstanceFile(DataFolder folder)
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly JsonSerializerOptions Format = new(RegistryJson.Options) { WriteIndented = true };
    private readonly Lock _gate = new();
    private InstanceState _state = Load(folder);

    /// <summary>What is remembered.</summary>
    public InstanceState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>What a directory remembers; empty when it is new.</summary>
    public static InstanceState Load(DataFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize<InstanceState>(File.ReadAllText(folder.Instance), RegistryJson.Options) ?? new InstanceState();
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return new InstanceState();
        }
        catch (JsonException damaged)
        {
            throw new RefusedException(
                $"{folder.Instance} is damaged ({damaged.Message}): delete it, after ending servers that still run on {folder.Root}.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new RefusedException($"The data directory {folder.Root} belongs to another user.");
        }
    }

    /// <summary>Changes what is remembered, on disk first.</summary>
    public void Change(Func<InstanceState, InstanceState> change)
    {
        lock (_gate)
        {
            var changed = change(_state);
            PrivateFiles.Write(folder.Instance, JsonSerializer.Serialize(changed, Format), Readable);
            _state = changed;
        }
    }

    /// <summary>Remembers a server process, or forgets it.</summary>
    public void SetServer(string name, ServerState? server) =>
        Change(state =>
        {
            var servers = new Dictionary<string, ServerState>(state.Servers);
            if (server is null)
            {
                servers.Remove(name);
            }
            else
            {
                servers[name] = server;
            }

            return state with { Servers = servers };
        });

    /// <summary>The loopback port for something: the one it had before, unless somebody else took it meanwhile.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="isOurs">The port is in use, by ourselves.</param>
    /// <param name="say">Is told when the port moved.</param>
    public int PortFor(string purpose, bool isOurs, Action<string> say)
    {
        var ports = State.Ports;
        if (ports.TryGetValue(purpose, out var port) && (isOurs || Processes.Ports.IsFree(IPAddress.Loopback, port)))
        {
            return port;
        }

        var chosen = Processes.Ports.Choose(ports.Values);
        if (port != 0)
        {
            say($"Port {port}, used for {purpose} until now, is taken by another program: moved to {chosen}.");
        }

        Change(state => state with { Ports = new Dictionary<string, int>(state.Ports) { [purpose] = chosen } });
        return chosen;
    }
}
