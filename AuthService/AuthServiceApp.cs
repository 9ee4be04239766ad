using Registry.AuthService.Data;
using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Databases;

namespace Registry.AuthService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class AuthServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing; the message names it.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Auth, args, settings);
        builder.AddAuth();
        builder.AddMessaging(ServiceNames.Auth);
        builder.AddOutboxDispatcher<AuthDbContext>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapAuth();
        return app;
    }

    /// <summary>Brings the service's database up to date: the verb <c>migrate</c>. Safe to run by several at once.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing; the message names it.</exception>
    public static Task MigrateAsync(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, CancellationToken cancellationToken = default)
    {
        var configuration = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Auth, args, settings).Configuration;
        return ServiceDatabase.MigrateAsync<AuthDbContext>(configuration, ServiceNames.Auth, options => new(options), cancellationToken);
    }
}
