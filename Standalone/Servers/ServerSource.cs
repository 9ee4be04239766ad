namespace Registry.Standalone.Servers;

/// <summary>Where backing servers may come from: all places in their order, or one only (<c>REGISTRY_SERVERS</c>).</summary>
internal enum ServerSource
{
    /// <summary>Connection strings, installed programs, apt, npm: the first that can serve.</summary>
    Any,

    /// <summary>Connection strings only.</summary>
    Connection,

    /// <summary>Connection strings, then installed programs.</summary>
    Installed,

    /// <summary>Connection strings, then PostgreSQL from npm and no broker, whatever is installed.</summary>
    Npm,
}

/// <summary>Reads <c>REGISTRY_SERVERS</c>.</summary>
internal static class ServerSources
{
    /// <summary>The variable.</summary>
    public const string Variable = "REGISTRY_SERVERS";

    /// <summary>What the environment asks for.</summary>
    public static ServerSource FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" or "any" => ServerSource.Any,
            "connection" => ServerSource.Connection,
            "installed" => ServerSource.Installed,
            "npm" => ServerSource.Npm,
            { } other => throw new RefusedException($"{Variable} must be any, connection, installed or npm, not '{other}'."),
        };
}
