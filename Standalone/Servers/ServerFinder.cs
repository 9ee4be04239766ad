using Registry.Standalone.Folder;
using Registry.Standalone.Options;

namespace Registry.Standalone.Servers;

/// <summary>Where each backing part comes from.</summary>
/// <param name="Postgres">PostgreSQL's programs; null when a connection string names a server.</param>
/// <param name="RabbitMq">RabbitMQ's programs; null when a connection string names a broker, or there is none.</param>
/// <param name="Notices">What the operator should know.</param>
internal sealed record FoundServers(ServerPrograms? Postgres, ServerPrograms? RabbitMq, IReadOnlyList<string> Notices);

/// <summary>
/// Finds the backing parts: connection strings, then programs on this machine, then, as root where there is apt, packages
/// of the system, then PostgreSQL from npm and no broker.
/// </summary>
internal sealed class ServerFinder(DataFolder folder, RegistryOptions options, ServerSource source, Action<string> say)
{
    private const string NoBroker =
        "There is no message broker here: search follows changes by asking for them every second. "
        + "To have one, install RabbitMQ ('apt-get install rabbitmq-server', 'brew install rabbitmq') and start again.";

    private readonly bool _wantsPostgres =
        options.ConnectionString("postgres") is null
        && !new[] { "auth", "packages", "search" }.All(name => options.ConnectionString(name) is not null);

    /// <summary>Finds them, and installs what is missing and can be had.</summary>
    /// <exception cref="RefusedException">PostgreSQL cannot be had; says how to install it.</exception>
    public async Task<FoundServers> FindAsync(ProgramsState? brokerMaker, CancellationToken cancellationToken)
    {
        var hasBroker = options.ConnectionString("rabbitmq") is not null;
        var wantsBroker = !hasBroker && source is ServerSource.Any or ServerSource.Installed;
        var postgres = _wantsPostgres ? await FindPostgresAsync(cancellationToken) : null;
        var broker = wantsBroker ? RabbitMqPrograms.Find() : null;
        var missing = new List<string>();
        AddIf(missing, _wantsPostgres && postgres is null, "postgresql");
        AddIf(missing, wantsBroker && broker is null, "rabbitmq-server");
        var reason = await InstallAsync(missing, cancellationToken);
        if (_wantsPostgres)
        {
            postgres ??= await FindPostgresAsync(cancellationToken) ?? await DownloadAsync(reason, cancellationToken);
        }

        broker ??= wantsBroker ? RabbitMqPrograms.Find() : null;
        if (broker is not null)
        {
            RabbitMqPrograms.Check(broker, brokerMaker, folder);
        }

        return new FoundServers(postgres, broker, hasBroker || broker is not null ? [] : [NoBroker]);
    }

    private static void AddIf(List<string> missing, bool isMissing, string package)
    {
        if (isMissing)
        {
            missing.Add(package);
        }
    }

    private async Task<ServerPrograms?> FindPostgresAsync(CancellationToken cancellationToken)
    {
        if (source == ServerSource.Connection)
        {
            throw new RefusedException($"{ServerSources.Variable}=connection, but ConnectionStrings__postgres is not set.");
        }

        var downloaded = await NpmPrograms.FindAsync(folder, cancellationToken);
        var installed = source == ServerSource.Npm ? [] : await PostgresPrograms.FindInstalledAsync(cancellationToken);
        return PostgresPrograms.Choose(folder, downloaded is null || source == ServerSource.Installed ? installed : [.. installed, downloaded]);
    }

    private async Task<string?> InstallAsync(List<string> packages, CancellationToken cancellationToken)
    {
        if (packages.Count == 0 || source != ServerSource.Any || !AptPrograms.IsPossible)
        {
            return null;
        }

        say($"Installing {string.Join(" and ", packages)} with apt, for private use: the system's own services are not started.");
        var reason = await AptPrograms.InstallAsync(packages, cancellationToken);
        if (reason is not null)
        {
            say(reason);
        }

        return reason;
    }

    private async Task<ServerPrograms> DownloadAsync(string? failedInstallation, CancellationToken cancellationToken)
    {
        var reasons = new List<string?> { failedInstallation };
        if (source != ServerSource.Installed)
        {
            say("PostgreSQL is not installed: downloading its programs with npm.");
            var (programs, reason) = await NpmPrograms.InstallAsync(folder, cancellationToken);
            if (programs is not null)
            {
                return PostgresPrograms.Choose(folder, [programs])!;
            }

            reasons.Add(reason);
        }

        throw new RefusedException(
            "PostgreSQL is missing. Install it with 'apt-get install postgresql' (Debian, Ubuntu), 'dnf install postgresql-server' (Fedora) "
            + "or 'brew install postgresql@17' (macOS), or name a server in ConnectionStrings__postgres."
            + string.Concat(reasons.OfType<string>().Select(static reason => $"{Environment.NewLine}  Tried: {reason}")));
    }
}
