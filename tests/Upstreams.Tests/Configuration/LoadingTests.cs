using Registry.Upstreams.Configuration;

namespace Registry.Upstreams.Tests.Configuration;

/// <summary><c>pantry.json</c> and <c>pantry.jsonc</c> (M05, M24–M29, M35).</summary>
public sealed class LoadingTests
{
    private readonly Dictionary<string, string> _environment = [];

    [Fact]
    public void An_entry_has_the_defaults_of_the_format()
    {
        using var manager = Load("""{ "registries": [{ "name": "one", "type": "custom", "url": "https://one.example.test/base" }] }""");

        var config = manager.GetRegistry("one").ShouldNotBeNull();

        config.ShouldBe(RegistryConfig.Custom("one", new Uri("https://one.example.test/base")));
        config.Priority.ShouldBe(100);
        config.Enabled.ShouldBeTrue();
        config.Auth.ShouldBe(RegistryAuth.None);
    }

    [Theory]
    [InlineData("npm", RegistryType.Npm)]
    [InlineData("custom", RegistryType.Custom)]
    [InlineData("pantry", RegistryType.Pantry)]
    [InlineData("github", RegistryType.GitHub)]
    [InlineData("GitHub", RegistryType.GitHub)]
    [InlineData("pkgx", RegistryType.Pkgx)]
    public void Every_type_is_known_by_its_name(string name, RegistryType type)
    {
        using var manager = Load($$"""{ "registries": [{ "name": "it", "type": "{{name}}", "url": "https://it.example.test" }] }""");

        manager.Registries.ShouldHaveSingleItem().Type.ShouldBe(type);
    }

    [Fact]
    public void Every_kind_of_credentials_is_read()
    {
        using var manager = Load("""
            { "registries": [
              { "name": "a", "type": "npm", "url": "https://x.example.test", "auth": null },
              { "name": "b", "type": "npm", "url": "https://x.example.test", "auth": { "type": "bearer", "token": "your-token-here" } },
              { "name": "c", "type": "npm", "url": "https://x.example.test", "auth": { "type": "basic", "username": "user", "password": "pass" } },
              { "name": "d", "type": "npm", "url": "https://x.example.test", "auth": { "type": "oidc", "token": "oidc-token" } },
              { "name": "e", "type": "npm", "url": "https://x.example.test", "auth": { "type": "custom", "name": "X-API-Key", "value": "api-key-value" } },
              { "name": "f", "type": "npm", "url": "https://x.example.test", "auth": { "type": "none" } }
            ] }
            """);

        manager.Registries.Select(config => config.Auth).ShouldBe(
        [
            RegistryAuth.None, new RegistryAuth.Bearer("your-token-here"), new RegistryAuth.Basic("user", "pass"),
            new RegistryAuth.Oidc("oidc-token"), new RegistryAuth.Custom("X-API-Key", "api-key-value"), RegistryAuth.None,
        ]);
    }

    [Fact]
    public void Variables_stand_for_the_environment_in_every_text()
    {
        _environment["NPM_UPSTREAM_URL"] = "https://npm.example.test/";
        _environment["REGISTRY_TOKEN"] = "from the vault".Replace(' ', '-');
        using var manager = Load("""
            { "registries": [{ "name": "npm", "type": "npm", "url": "${NPM_UPSTREAM_URL}sub", "auth": { "type": "bearer", "token": "x-${REGISTRY_TOKEN}-$HOME-{}" } }] }
            """);

        var config = manager.Registries.ShouldHaveSingleItem();

        config.Url.ShouldBe(new Uri("https://npm.example.test/sub"));
        config.Auth.ShouldBe(new RegistryAuth.Bearer("x-from-the-vault-$HOME-{}"));
    }

    [Fact]
    public void Comments_and_last_commas_and_other_keys_of_the_file_are_let_pass()
    {
        using var manager = Load("""
            // what this project needs
            { "name": "my-project", "dependencies": { "left": "^1" },
              "registries": [
                { "name": "one", "type": "npm", "url": "https://one.example.test", "priority": 5, }, // first
                /* and then */ { "name": "two", "type": "npm", "url": "https://two.example.test", "enabled": false },
              ], }
            """);

        manager.Registries.Select(config => $"{config.Name} {config.Enabled}").ShouldBe(["one True", "two False"]);
    }

    [Fact]
    public void Without_registries_there_are_none()
    {
        using var manager = Load("""{ "name": "my-project" }""");

        manager.Registries.ShouldBeEmpty();
    }

    [Fact]
    public void An_entry_that_names_a_registry_there_is_changes_what_it_says_and_nothing_else()
    {
        using var manager = Load("""{ "registries": [{ "name": "npm", "type": "npm", "url": "https://npm.example.test", "priority": 10, "auth": { "type": "bearer", "token": "kept" } }, { "name": "two", "type": "npm", "url": "https://two.example.test", "priority": 20 }] }""");

        manager.LoadFromConfig("""{ "registries": [{ "name": "NPM", "priority": 30, "enabled": false }] }""");

        manager.Registries.Select(config => config.Name).ShouldBe(["two", "npm"]);
        manager.GetRegistry("npm").ShouldBe(RegistryConfig.Npm(new Uri("https://npm.example.test")) with { Priority = 30, Enabled = false, Auth = new RegistryAuth.Bearer("kept") });
    }

    [Fact]
    public void Limits_and_a_proxy_can_be_set()
    {
        using var manager = Load("""{ "registries": [{ "name": "one", "type": "npm", "url": "https://one.example.test", "timeoutSeconds": 5, "proxy": "http://proxy.example.test:3128", "maxConnections": 4, "maxDocumentBytes": 5000 }] }""");

        manager.Registries.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            config => config.Timeout.ShouldBe(TimeSpan.FromSeconds(5)),
            config => config.Proxy.ShouldBe(new Uri("http://proxy.example.test:3128")),
            config => config.MaxConnections.ShouldBe(4),
            config => config.MaxDocumentBytes.ShouldBe(5000));
    }

    [Fact]
    public void Every_problem_is_named_with_its_key_and_line_and_nothing_is_taken_over()
    {
        using var manager = Load("""{ "registries": [{ "name": "kept", "type": "npm", "url": "https://kept.example.test" }] }""");

        var refused = Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig("""
            {
              "registries": [
                { "name": "good", "type": "npm", "url": "https://good.example.test" },
                { "type": "npm", "url": "https://nameless.example.test" },
                {
                  "name": "bad",
                  "type": "nmp",
                  "url": "example.test",
                  "priorty": 3,
                  "priority": "10",
                  "enabled": "yes"
                },
                { "name": "no-url", "type": "npm" },
                { "name": "no-type", "url": "https://x.example.test" },
                { "name": "auth", "type": "npm", "url": "https://x.example.test",
                  "auth": { "type": "beerer", "token": "x" } },
                { "name": "half", "type": "npm", "url": "https://x.example.test",
                  "auth": { "type": "basic",
                    "username": "${NOT_SET}" } },
                { "name": "GOOD", "type": "npm", "url": "https://x.example.test" },
                { "name": "userinfo", "type": "npm", "url": "https://u:p@x.example.test" },
                "what",
                { "name": "twice", "type": "npm", "url": "https://x.example.test",
                  "url": "https://y.example.test" }
              ]
            }
            """, "pantry.jsonc"));

        refused.Problems.Select(problem => $"{problem.Line} {problem.Key}").ShouldBe(
        [
            "4 registries[1].name",
            "7 registries[2].type", "8 registries[2].url", "9 registries[2].priorty",
            "10 registries[2].priority", "11 registries[2].enabled",
            "13 registries[3].url", "14 registries[4].type",
            "16 registries[5].auth.type",
            "18 registries[6].auth.password", "19 registries[6].auth.username",
            "20 registries[7].name", "21 registries[8].url", "22 registries[9]",
            "23 registries[10].url",
        ]);
        refused.Message.ShouldContain("pantry.jsonc:7: registries[2].type: 'nmp' is not known; known are npm, custom, pantry, github, pkgx");
        refused.Message.ShouldContain("registries[6].auth.username: the environment variable NOT_SET is not set");
        manager.Registries.ShouldHaveSingleItem().Name.ShouldBe("kept");
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{", 1)]
    [InlineData("{\n  \"registries\": [\n    { \"name\": }\n  ]\n}", 3)]
    [InlineData("[]", 1)]
    [InlineData("{ \"registries\": {} }", 1)]
    [InlineData("{\n \"registries\": [ 7 ] }", 2)]
    public void What_is_no_configuration_is_refused_with_the_line(string json, int line)
    {
        using var manager = new RegistryManager();

        Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig(json)).Problems.ShouldHaveSingleItem().Line.ShouldBe(line);
    }

    [Fact]
    public void What_is_wrong_is_told_without_what_is_secret()
    {
        using var manager = new RegistryManager();

        var refused = Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig("""{ "registries": [{ "name": "a", "enabled": ture, "auth": { "type": "bearer", "token": "hush" } }] }"""));

        refused.ToString().ShouldNotContain("hush");
        refused.Message.ShouldBe("pantry.json:1: is no JSON from byte 45 of the line on");
    }

    [Theory]
    [InlineData("${MY-TOKEN}")]
    [InlineData("x${")]
    [InlineData("${}")]
    public void What_looks_like_a_variable_and_is_none_is_refused(string token)
    {
        using var manager = new RegistryManager();

        Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig($$"""{ "registries": [{ "name": "a", "type": "npm", "url": "https://a.example.test", "auth": { "type": "bearer", "token": "{{token}}" } }] }"""))
            .Problems.ShouldHaveSingleItem().Key.ShouldBe("registries[0].auth.token");
    }

    [Theory]
    [InlineData("""{ "registries": [{ "name": "\ud800" }] }""")]
    [InlineData("""{ "registries": [{ "\ud800": 1 }] }""")]
    public void Half_a_character_is_refused(string json)
    {
        using var manager = new RegistryManager();

        Should.Throw<RegistryConfigException>(() => manager.LoadFromConfig(json));
    }

    [Fact]
    public void A_byte_order_mark_is_let_pass_and_keys_of_others_may_come_twice()
    {
        using var manager = Load("\uFEFF{ \"registriesOld\": 1, \"registriesOld\": 2, \"registries\": [{ \"name\": \"a\", \"type\": \"npm\", \"url\": \"https://a.example.test\" }] }");

        manager.Registries.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_file_is_called_by_its_name()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("registry-pantry-").FullName, "pantry.jsonc");
        await File.WriteAllTextAsync(file, "{\n// nothing\n\"registries\": 7 }");
        using var manager = new RegistryManager();

        (await Should.ThrowAsync<RegistryConfigException>(() => manager.LoadFromFileAsync(file))).Message.ShouldStartWith("pantry.jsonc:3: registries: ");
        await Should.ThrowAsync<IOException>(() => manager.LoadFromFileAsync(file + ".missing"));
    }

    private RegistryManager Load(string json)
    {
        var manager = new RegistryManager(_environment.GetValueOrDefault);
        manager.LoadFromConfig(json);
        return manager;
    }
}
