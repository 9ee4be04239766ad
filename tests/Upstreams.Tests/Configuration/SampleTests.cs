namespace Registry.Upstreams.Tests.Configuration;

/// <summary>Every JSON sample of the seed's document loads: whole files as they are, parts of one in the place they are a part of.</summary>
public sealed class SampleTests
{
    [Fact]
    public void The_quick_start_loads()
    {
        using var manager = new RegistryManager(static name => name == "NPM_UPSTREAM_URL" ? "https://npm.example.test" : null);

        manager.LoadFromConfig("""
            {
              "registries": [
                { "name": "npm", "type": "npm", "url": "${NPM_UPSTREAM_URL}", "priority": 10, "enabled": true },
                { "name": "my-registry", "type": "custom", "url": "https://registry.example.test", "priority": 20,
                  "auth": { "type": "bearer", "token": "your-token-here" } }
              ]
            }
            """);

        manager.Registries.Select(config => config.ToString()).ShouldBe(
        [
            "npm (Npm at https://npm.example.test/, priority 10, auth none)",
            "my-registry (Custom at https://registry.example.test/, priority 20, auth bearer)",
        ]);
    }

    [Theory]
    [InlineData("""{ "name": "pkgx", "type": "pkgx", "url": "https://dist.example.test", "priority": 10 }""")]
    [InlineData("""{ "name": "npm", "type": "npm", "url": "${NPM_UPSTREAM_URL}", "priority": 20, "auth": { "type": "bearer", "token": "your-npm-token" } }""")]
    [InlineData("""{ "name": "github", "type": "github", "url": "https://api.example.test", "priority": 30, "auth": { "type": "bearer", "token": "ghp_your_github_token" } }""")]
    [InlineData("""{ "name": "my-registry", "type": "custom", "url": "https://registry.example.test", "priority": 40, "auth": { "type": "bearer", "token": "your-token-here" } }""")]
    public void A_sample_of_a_type_loads_as_an_entry(string entry)
    {
        using var manager = new RegistryManager(static _ => "https://npm.example.test");

        manager.LoadFromConfig($$"""{ "registries": [{{entry}}] }""");

        manager.Registries.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("""{ "auth": null }""", "none")]
    [InlineData("""{ "auth": { "type": "bearer", "token": "your-token-here" } }""", "bearer")]
    [InlineData("""{ "auth": { "type": "basic", "username": "user", "password": "pass" } }""", "basic")]
    [InlineData("""{ "auth": { "type": "oidc", "token": "oidc-token" } }""", "oidc")]
    [InlineData("""{ "auth": { "type": "custom", "name": "X-API-Key", "value": "api-key-value" } }""", "custom")]
    [InlineData("""{ "auth": { "type": "bearer", "token": "${REGISTRY_TOKEN}" } }""", "bearer")]
    public void A_sample_of_credentials_loads_in_an_entry(string part, string kind)
    {
        using var manager = new RegistryManager(static _ => "from-the-environment");

        manager.LoadFromConfig($$"""{ "registries": [{ "name": "it", "type": "npm", "url": "https://it.example.test", {{part.Trim()[1..^1]}} }] }""");

        manager.Registries.ShouldHaveSingleItem().Auth.ToString().ShouldBe(kind);
    }

    /// <summary>The samples of priorities and of switching off name nothing else, so they speak of registries there are.</summary>
    [Fact]
    public void The_samples_of_priorities_and_of_switching_off_load_over_registries_there_are()
    {
        using var manager = new RegistryManager();
        foreach (var name in (string[])["fallback2", "npm", "fallback1", "primary"])
        {
            manager.AddRegistry(RegistryConfig.Custom(name, new Uri("https://it.example.test")));
        }

        manager.LoadFromConfig("""
            {
              "registries": [
                { "name": "primary", "priority": 1 },     // Tried first
                { "name": "fallback1", "priority": 2 },   // Tried second
                { "name": "fallback2", "priority": 3 }    // Tried third
              ]
            }
            """);
        manager.LoadFromConfig("""{ "registries": [ { "name": "npm", "enabled": false } ] }""");

        manager.Registries.Where(config => config.Enabled).Select(config => config.Name).ShouldBe(["primary", "fallback1", "fallback2"]);
    }
}
