namespace Registry.Testing;

/// <summary>The real servers the tests use, named by the connection strings that <c>./registry servers up</c> prints.</summary>
public static class BackingServers
{
    /// <summary>A PostgreSQL server whose user may create databases.</summary>
    public static string Postgres => Required("ConnectionStrings__postgres");

    /// <summary>A RabbitMQ server.</summary>
    public static string RabbitMq => Required("ConnectionStrings__rabbitmq");

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: run the tests with ./registry test, or eval \"$(./registry servers up)\" first.");
}
