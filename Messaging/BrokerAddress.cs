namespace Registry.Messaging;

/// <summary>Where the broker is and who we are there: <c>amqp[s]://user:password@host:port/vhost</c> (AMQP URI specification).</summary>
internal sealed record BrokerAddress(string Host, ushort Port, string VirtualHost, string User, string Password, bool UsesTls)
{
    private const string Setting = "ConnectionStrings:rabbitmq";

    /// <summary>Reads a connection string.</summary>
    /// <returns>The address; null when there is none, which means no broker.</returns>
    /// <exception cref="InvalidOperationException">It is not an AMQP URI. The text is not repeated: it may hold a password.</exception>
    public static BrokerAddress? Parse(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return null;
        }

        if (!Uri.TryCreate(connectionString.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new InvalidOperationException($"{Setting} is not an AMQP address: write amqp://user:password@host:port/vhost, or amqps:// for TLS.");
        }

        var usesTls = uri.Scheme == "amqps";
        var user = uri.UserInfo.Split(':', 2);
        var path = uri.AbsolutePath.TrimStart('/');
        return new BrokerAddress(
            uri.IdnHost,
            (ushort)(uri.Port > 0 ? uri.Port : usesTls ? 5671 : 5672),
            path.Length == 0 ? "/" : Uri.UnescapeDataString(path),
            user[0].Length == 0 ? "guest" : Uri.UnescapeDataString(user[0]),
            user.Length < 2 ? "guest" : Uri.UnescapeDataString(user[1]),
            usesTls);
    }
}
