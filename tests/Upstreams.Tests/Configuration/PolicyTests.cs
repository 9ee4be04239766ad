using Registry.Upstreams.Configuration;

namespace Registry.Upstreams.Tests.Configuration;

/// <summary>What an entry of <c>pantry.json</c> says about keeping, packages and hosts.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void Times_rules_and_hosts_are_read()
    {
        using var manager = Load("""
            { "registries": [{ "name": "one", "type": "npm", "url": "https://one.example.test", "maxTarballBytes": 5000000000,
              "cache": { "maxAgeSeconds": 1, "staleWhileRevalidateSeconds": 0, "staleIfErrorSeconds": 31536000, "notFoundSeconds": 4 },
              "allow": ["@scope/*", "left-${SIDE}"], "block": ["bad", { "package": "half@2.*", "reason": "has a hole" }],
              "tarballHosts": ["files.example.test", "*.cdn.example.test", "192.0.2.1"] }] }
            """);

        var config = manager.GetRegistry("one").ShouldNotBeNull();

        config.MaxTarballBytes.ShouldBe(5_000_000_000);
        config.Cache.ShouldBe(new RegistryCache { MaxAge = TimeSpan.FromSeconds(1), StaleWhileRevalidate = TimeSpan.Zero, StaleIfError = TimeSpan.FromDays(365), NotFoundMaxAge = TimeSpan.FromSeconds(4) });
        config.Rules.ShouldBe(new PackageRules { Allow = [new("@scope/*"), new("left-pad")], Block = [new("bad"), new("half@2.*", "has a hole")] });
        config.TarballHosts.ShouldBe(["files.example.test", "*.cdn.example.test", "192.0.2.1"]);
    }

    [Fact]
    public void An_entry_changes_the_times_and_lists_it_names()
    {
        using var manager = Load("""{ "registries": [{ "name": "one", "type": "npm", "url": "https://one.example.test", "cache": { "maxAgeSeconds": 1, "notFoundSeconds": 2 }, "allow": ["a"], "block": ["b"], "tarballHosts": ["h"], "proxy": "http://p" }] }""");

        manager.LoadFromConfig("""{ "registries": [{ "name": "one", "cache": { "notFoundSeconds": 3 }, "block": [], "tarballHosts": null, "proxy": null }] }""");

        var config = manager.GetRegistry("one").ShouldNotBeNull();
        config.Cache.ShouldBe(new RegistryCache { MaxAge = TimeSpan.FromSeconds(1), NotFoundMaxAge = TimeSpan.FromSeconds(3) });
        config.Rules.ShouldBe(new PackageRules { Allow = [new("a")] });
        config.TarballHosts.ShouldBeNull();
        config.Proxy.ShouldBeNull();
    }

    [Fact]
    public void Every_problem_is_named_with_its_key_and_line()
    {
        using var manager = new RegistryManager();

        var refused = Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig("""
            { "registries": [
              { "name": "one", "type": "npm", "url": "https://one.example.test",
                "cache": { "maxAgeSeconds": -1,
                  "maxAge": 5,
                  "notFoundSeconds": 31536001 },
                "allow": [
                  7,
                  "has space",
                  "" ],
                "block": [ "fine",
                  { "reason": "no package" },
                  { "package": "x@", "because": "?" } ],
                "tarballHosts": [
                  "https://x.example.test",
                  "*" ] },
              { "name": "two", "type": "npm", "url": "https://one.example.test", "cache": 7,
                "allow": "all",
                "maxTarballBytes": 0 }
            ] }
            """));

        refused.Problems.Select(problem => $"{problem.Line} {problem.Key}").ShouldBe(
        [
            "3 registries[0].cache.maxAgeSeconds", "4 registries[0].cache.maxAge", "5 registries[0].cache.notFoundSeconds",
            "7 registries[0].allow[0]", "8 registries[0].allow[1]", "9 registries[0].allow[2]",
            "11 registries[0].block[1].package", "12 registries[0].block[2].because", "12 registries[0].block[2]",
            "14 registries[0].tarballHosts[0]", "15 registries[0].tarballHosts[1]",
            "16 registries[1].cache", "17 registries[1].allow", "18 registries[1].maxTarballBytes",
        ]);
    }

    [Fact]
    public void What_code_sets_has_to_be_right_too()
    {
        var config = RegistryConfig.Npm(new Uri("https://one.example.test"));
        using var manager = new RegistryManager();

        Should.Throw<ArgumentException>(() => manager.AddRegistry(config with { Cache = new RegistryCache { MaxAge = TimeSpan.FromSeconds(-1) } })).Message.ShouldContain("cache.maxAgeSeconds");
        Should.Throw<ArgumentException>(() => manager.AddRegistry(config with { Rules = new PackageRules { Allow = [new(new string('a', 301))] } })).Message.ShouldContain("allow[0]");
        Should.Throw<ArgumentException>(() => manager.AddRegistry(config with { TarballHosts = ["a b"] })).Message.ShouldContain("tarballHosts[0]");
    }

    private static RegistryManager Load(string json)
    {
        var manager = new RegistryManager(name => name == "SIDE" ? "pad" : null);
        manager.LoadFromConfig(json);
        return manager;
    }
}
