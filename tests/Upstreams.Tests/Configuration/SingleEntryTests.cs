using Registry.Upstreams.Configuration;

namespace Registry.Upstreams.Tests.Configuration;

/// <summary>One entry by itself, as an administrator sends it and as it is stored and shown.</summary>
public sealed class SingleEntryTests
{
    private static readonly RegistryConfig Whole = RegistryConfig.Custom("one", new Uri("https://one.example.test/base")) with
    {
        Priority = 7,
        Enabled = false,
        Timeout = TimeSpan.FromSeconds(5),
        Proxy = new Uri("http://user:hush@proxy.example.test:3128"),
        MaxConnections = 3,
        MaxDocumentBytes = 5000,
        MaxTarballBytes = 6_000_000_000,
        Cache = new RegistryCache { MaxAge = TimeSpan.FromSeconds(1), StaleIfError = TimeSpan.Zero },
        Rules = new PackageRules { Allow = [new("@scope/*")], Block = [new("bad", "has a \"hole\""), new("half@2.*")] },
        TarballHosts = ["files.example.test"],
    };

    public static TheoryData<RegistryAuth> Kinds =>
    [
        RegistryAuth.None, new RegistryAuth.Bearer("hush"), new RegistryAuth.Oidc("hush"),
        new RegistryAuth.Basic("seen", "hush"), new RegistryAuth.Custom("X-Seen", "hush"),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_read_as_the_same(RegistryAuth auth)
    {
        var config = Whole with { Auth = auth };

        var read = RegistryConfig.Read(config.ToJson(includeSecrets: true), "stored");

        read.ShouldBe(config);
        read.ToJson(includeSecrets: true).ShouldBe(config.ToJson(includeSecrets: true));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_shown_holds_nothing_secret(RegistryAuth auth)
    {
        var shown = (Whole with { Auth = auth }).ToJson(includeSecrets: false);

        shown.ShouldNotContain("hush");
        shown.ShouldContain($"\"type\":\"{auth}\"");
        shown.Contains("seen", StringComparison.OrdinalIgnoreCase).ShouldBe(auth is RegistryAuth.Basic or RegistryAuth.Custom);
    }

    [Fact]
    public void Defaults_are_read_as_the_same()
    {
        var config = RegistryConfig.Npm(new Uri("https://npm.example.test/"));

        RegistryConfig.Read(config.ToJson(includeSecrets: true), "stored").ShouldBe(config);
    }

    [Theory]
    [InlineData("http://one.example.test", "http://elsewhere.example.test:3128", false)]
    [InlineData("https://one.example.test", "http://elsewhere.example.test:3128", true)]
    [InlineData("http://one.example.test", null, true)]
    public void A_proxy_that_would_see_what_is_secret_needs_it_given_again(string url, string? proxy, bool isFine)
    {
        var known = RegistryConfig.Custom("one", new Uri(url)) with { Auth = new RegistryAuth.Bearer("hush"), Proxy = new Uri("http://known.example.test:3128") };
        var entry = proxy is null ? """{ "proxy": null }""" : $$"""{ "proxy": "{{proxy}}" }""";

        var read = () => RegistryConfig.Read(entry, "sent", known);

        if (isFine)
        {
            read().Auth.ShouldBe(known.Auth);
        }
        else
        {
            Should.Throw<RegistryConfigException>(read).Message.ShouldContain("proxy names another server");
        }
    }

    [Fact]
    public void What_is_sent_for_a_registry_changes_what_it_says()
    {
        var known = RegistryConfig.Npm(new Uri("https://npm.example.test/")) with { Auth = new RegistryAuth.Bearer("kept") };

        RegistryConfig.Read("""{ "priority": 3 }""", "request", known).ShouldBe(known with { Priority = 3 });
        RegistryConfig.Read("""{ "name": "NPM", "enabled": false }""", "request", known).ShouldBe(known with { Enabled = false });
        RegistryConfig.Read("""{ "auth": null, "url": "https://other.example.test/" }""", "request", known).Auth.ShouldBe(RegistryAuth.None);
    }

    [Theory]
    [InlineData("""{ "name": "other" }""", "name")]
    [InlineData("""{ "url": "https://thief.example.test/" }""", "auth")]
    [InlineData("""{ "auth": { "type": "bearer", "token": "${HOME}" } }""", "auth.token")]
    [InlineData("""{ "url": "https://${HOME}/" }""", "url")]
    [InlineData("""{ "block": ["${HOME}"] }""", "block[0]")]
    [InlineData("""{ "priority": 1, "priority": 2 }""", "priority")]
    [InlineData("""{ "priorty": 1 }""", "priorty")]
    [InlineData("""{ "auth": { "type": "bearer" } }""", "auth.token")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    public void What_cannot_be_is_refused_by_its_key(string json, string key)
    {
        var known = RegistryConfig.Npm(new Uri("https://npm.example.test/")) with { Auth = new RegistryAuth.Bearer("kept") };

        Should.Throw<RegistryConfigException>(() => RegistryConfig.Read(json, "request", known)).Problems.ShouldContain(problem => problem.Key == key && problem.Source == "request");
    }

    [Fact]
    public void A_new_one_has_to_be_whole_and_lines_are_told() =>
        Should.Throw<RegistryConfigException>(() => RegistryConfig.Read("{\n\"type\": \"nmp\",\n\"proxy\": \"${PROXY}\" }", "request")).Problems
            .Select(problem => $"{problem.Line} {problem.Key}").ShouldBe(["1 name", "1 url", "2 type", "3 proxy"]);
}
