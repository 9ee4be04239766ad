using Registry.Contracts.Http;
using Registry.ServiceDefaults;

namespace Registry.AuthService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class AuthServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Auth, args, settings);
        var app = builder.Build();
        app.UseServiceDefaults();
        return app;
    }
}
