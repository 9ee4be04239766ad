using Registry.Upstreams.Tests.Loopback;

namespace Registry.Upstreams.Tests;

/// <summary>The order registries are asked in, and how it is changed (M36–M39, M06).</summary>
public sealed class RegistryManagerTests
{
    private static readonly Uri Somewhere = new("https://registry.example.test/");

    [Fact]
    public void Registries_are_in_the_order_of_priority_and_equal_ones_in_the_order_they_came()
    {
        using var manager = new RegistryManager();
        foreach (var (name, priority) in (ReadOnlySpan<(string, int)>)[("last", 300), ("c", 20), ("first", 1), ("a", 20), ("b", 20), ("unsaid", RegistryConfig.DefaultPriority)])
        {
            manager.AddRegistry(RegistryConfig.Custom(name, Somewhere) with { Priority = priority });
        }

        manager.Registries.Select(config => config.Name).ShouldBe(["first", "c", "a", "b", "unsaid", "last"]);
    }

    [Fact]
    public void The_first_enabled_one_is_the_default_and_the_first_of_its_type()
    {
        using var manager = new RegistryManager();
        manager.AddRegistry(RegistryConfig.Npm(Somewhere));
        manager.AddRegistry(RegistryConfig.GitHub(Somewhere));
        manager.AddRegistry(RegistryConfig.Npm(Somewhere) with { Name = "second", Priority = 90 });
        manager.GetDefaultRegistry()!.Name.ShouldBe("npm");

        manager.SetEnabled("NPM", false).ShouldBeTrue();

        manager.GetDefaultRegistry()!.Name.ShouldBe("github");
        manager.GetRegistryByType(RegistryType.Npm)!.Name.ShouldBe("second");
        manager.GetRegistryByType(RegistryType.Pkgx).ShouldBeNull();
        manager.GetRegistry("npm")!.Enabled.ShouldBeFalse();
    }

    [Fact]
    public void A_default_set_by_name_stays_even_when_it_is_disabled_and_goes_with_its_registry()
    {
        using var manager = new RegistryManager();
        manager.AddRegistry(RegistryConfig.Npm(Somewhere));
        manager.AddRegistry(RegistryConfig.GitHub(Somewhere));
        manager.SetDefaultRegistry("github");
        manager.SetEnabled("github", false);
        manager.GetDefaultRegistry()!.Name.ShouldBe("github");

        manager.RemoveRegistry("GitHub").ShouldBeTrue();

        manager.GetDefaultRegistry()!.Name.ShouldBe("npm");
        manager.RemoveRegistry("github").ShouldBeFalse();
        manager.SetEnabled("github", true).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => manager.SetDefaultRegistry("github"));
        Should.Throw<ArgumentException>(() => manager.AddRegistry(RegistryConfig.Npm(Somewhere))).Message.ShouldContain("'npm' already");
    }

    [Theory]
    [InlineData("ftp://example.test/")]
    [InlineData("https://user:secret@example.test/")]
    [InlineData("https://example.test/?q")]
    public void A_URL_that_cannot_be_used_is_refused_without_repeating_secrets(string url)
    {
        using var manager = new RegistryManager();

        Should.Throw<ArgumentException>(() => manager.AddRegistry(RegistryConfig.Npm(new Uri(url)))).Message.ShouldNotContain("secret");

        manager.Registries.ShouldBeEmpty();
    }

    public static TheoryData<RegistryConfig, string> Unusable => new()
    {
        { RegistryConfig.Npm(Somewhere) with { Timeout = TimeSpan.Zero }, "timeoutSeconds" },
        { RegistryConfig.Npm(Somewhere) with { MaxConnections = 0 }, "maxConnections" },
        { RegistryConfig.Npm(Somewhere) with { MaxDocumentBytes = 0 }, "maxDocumentBytes" },
        { RegistryConfig.Npm(Somewhere) with { Type = (RegistryType)99 }, "type" },
        { RegistryConfig.Npm(Somewhere) with { Proxy = new Uri("socks5://proxy.example.test") }, "proxy" },
        { RegistryConfig.Npm(Somewhere) with { Name = "a b" }, "name" },
        { RegistryConfig.Npm(Somewhere) with { Auth = new RegistryAuth.Custom("Content-Type", "x") }, "auth.name" },
        { RegistryConfig.Npm(Somewhere) with { Auth = new RegistryAuth.Custom("X-Key", "two\r\nlines") }, "auth.value" },
        { RegistryConfig.Npm(Somewhere) with { Auth = new RegistryAuth.Bearer("töken") }, "auth.token" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void What_would_break_every_question_is_refused_when_it_is_added(RegistryConfig config, string key)
    {
        using var manager = new RegistryManager();

        Should.Throw<ArgumentException>(() => manager.AddRegistry(config)).Message.ShouldContain($"cannot be used: {key} ");
    }

    [Fact]
    public void Nothing_secret_is_in_the_text_of_a_registry()
    {
        foreach (var auth in (RegistryAuth[])[new RegistryAuth.Bearer("hush"), new RegistryAuth.Basic("who", "hush"), new RegistryAuth.Oidc("hush"), new RegistryAuth.Custom("X-API-Key", "hush")])
        {
            var config = RegistryConfig.Npm(Somewhere) with { Auth = auth, Proxy = new Uri("http://me:hush@proxy.example.test/") };

            $"{config} {config.Auth}".ShouldNotContain("hush");
        }
    }

    [Fact]
    public async Task Changes_and_questions_from_many_threads_leave_nothing_half_done()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("/packages/hello", """{"name":"hello","version":"1.0.0"}""");
        using var manager = new RegistryManager();
        manager.AddRegistry(RegistryConfig.Custom("stays", server.Url) with { Priority = 500 });
        using var ended = new CancellationTokenSource();
        var changing = Enumerable.Range(0, 4).Select(number => Task.Run(() =>
        {
            for (var round = 0; round < 200; round++)
            {
                manager.AddRegistry(RegistryConfig.Custom($"comes-{number}", server.Url) with { Priority = number });
                manager.SetEnabled($"comes-{number}", round % 2 == 0);
                manager.RemoveRegistry($"comes-{number}");
            }
        }));
        var asking = Task.Run(async () =>
        {
            var answers = 0;
            do
            {
                (await manager.FetchMetadataAsync("hello")).ShouldNotBeNull();
                answers++;
            }
            while (!ended.IsCancellationRequested);

            return answers;
        });

        await Task.WhenAll(changing);
        await ended.CancelAsync();

        (await asking).ShouldBeGreaterThan(0);
        manager.Registries.Select(config => config.Name).ShouldBe(["stays"]);
    }
}
