using Registry.Standalone.Hosting;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Tests.Hosting;

/// <summary>Where packages come from that are not published here, as npm on this machine and the operator say.</summary>
public sealed class UpstreamsFileTests : IAsyncLifetime
{
    private const string Somewhere = "http://127.0.0.1:4873/";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private TestFolder _folder = null!;

    private string Json => Path.Combine(_folder.Folder.Root, "pantry.json");

    public async ValueTask InitializeAsync() => _folder = await TestFolder.CreateAsync();

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task The_first_start_takes_the_registry_that_npm_is_configured_with()
    {
        await PrepareAsync(await NpmThatSaysAsync($"echo 'npm warn Unknown user config' >&2; echo {Somewhere}"));

        (await ReadAsync(Json)).ShouldBe("""
            {
              "registries": [
                {
                  "name": "npm",
                  "type": "npm",
                  "url": "http://127.0.0.1:4873/",
                  "priority": 20
                }
              ]
            }

            """);
        _folder.Said.ToString().Trim().ShouldBe($"Packages that are not published here come from {Somewhere}, as npm is configured: change that in {Json}.");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Json).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Theory]
    [InlineData("pantry.json")]
    [InlineData("pantry.jsonc")]
    public async Task A_file_that_is_there_is_left_alone(string name)
    {
        await WriteAsync(name, "// mine");

        await PrepareAsync(await NpmThatSaysAsync($"echo {Somewhere}"));

        (await ReadAsync(Path.Combine(_folder.Folder.Root, name))).ShouldBe("// mine");
        Directory.GetFiles(_folder.Folder.Root, "pantry.*").Length.ShouldBe(1);
        _folder.Said.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_to_a_file_that_is_not_there_yet_is_left_alone()
    {
        File.CreateSymbolicLink(Json, Path.Combine(_folder.Folder.Root, "later"));

        await PrepareAsync(await NpmThatSaysAsync($"echo {Somewhere}"));

        new FileInfo(Json).LinkTarget.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Upstreams:Enabled", "false")]
    [InlineData("Upstreams:Url", "https://upstream.example.test/")]
    [InlineData("Upstreams:File", "/nowhere/pantry.json")]
    public async Task Whoever_says_something_about_upstreams_gets_no_file(string key, string value)
    {
        await PrepareAsync(await NpmThatSaysAsync($"echo {Somewhere}"), (key, value));

        File.Exists(Json).ShouldBeFalse();
        _folder.Said.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_npm_the_start_says_that_other_packages_are_not_found_and_how_to_change_that()
    {
        await PrepareAsync(null);

        File.Exists(Json).ShouldBeFalse();
        _folder.Said.ToString().Trim()
            .ShouldBe($"Packages that are not published here are not found: npm is not installed. Name a registry in {Json} to change that.");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("echo undefined")]
    [InlineData("echo ftp://127.0.0.1/secret")]
    [InlineData("echo 127.0.0.1:4873/secret")]
    [InlineData("echo http://somebody:secret@127.0.0.1:4873/")]
    [InlineData("echo 'http://127.0.0.1:4873/?token=secret'")]
    [InlineData("echo http://127.0.0.1:4873/; echo http://127.0.0.1:4874/secret")]
    [InlineData("echo http://127.0.0.1:4873/secret; exit 1")]
    [InlineData("yes secret | head -c 1000000")]
    public async Task What_npm_prints_is_not_taken_for_a_registry_unless_it_is_one(string script)
    {
        await PrepareAsync(await NpmThatSaysAsync(script));

        File.Exists(Json).ShouldBeFalse();
        _folder.Said.ToString().ShouldContain("are not found: npm does not say from which registry it installs.");
        _folder.Said.ToString().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("http://localhost:3000/")]
    [InlineData("http://127.0.0.1:8080/r/main/")]
    [InlineData("https://packages.example.test/r/main/")]
    public async Task A_registry_is_no_upstream_of_itself(string own)
    {
        await PrepareAsync(await NpmThatSaysAsync($"echo {own}"), ("PublicUrl", "https://packages.example.test"));

        File.Exists(Json).ShouldBeFalse();
        _folder.Said.ToString().ShouldContain("npm is configured with this registry itself");
    }

    [Theory]
    [InlineData(null, "none")]
    [InlineData("""{ "registries": [] }""", "none")]
    [InlineData("""{ "registries": [{ "name": "npm", "type": "npm", "url": "http://127.0.0.1:4873/" }], }""", "http://127.0.0.1:4873/  (pantry.json)")]
    [InlineData("""{ "registries": [{ "name": "npm", "url": "http://somebody:secret@127.0.0.1/" }] }""", "npm  (pantry.json)")]
    [InlineData("""{ "registries": [{ "name": "last" }, { "name": "off", "enabled": false }, { "name": "first", "priority": 5 /* ours */ }] }""", "first, last  (pantry.json)")]
    [InlineData("""{ "registries": [{ "name": 5, "url": [] }, 7, null] }""", "?  (pantry.json)")]
    [InlineData("""{ "registries": "none" }""", "none")]
    [InlineData("[]", "none")]
    [InlineData("{ \"registries\": [", "pantry.json cannot be read")]
    [InlineData("""{ "registries": [{ "name": "\ud800" }] }""", "pantry.json cannot be read")]
    public async Task The_operator_is_told_where_packages_come_from_and_a_wrong_file_is_no_reason_to_fail(string? content, string expected)
    {
        if (content is not null)
        {
            await WriteAsync("pantry.json", content);
        }

        Upstreams().Describe().ShouldBe(expected);
    }

    [Fact]
    public async Task A_url_is_the_upstream_npm_unless_the_file_has_one_of_that_name()
    {
        var (one, other) = (("Upstreams:Url", "https://upstream.example.test/"), ("Upstreams:Enabled", "false"));
        Upstreams(one).Describe().ShouldBe("https://upstream.example.test/  (Upstreams:Url)");
        Upstreams(one, other).Describe().ShouldBe("none (Upstreams:Enabled is false)");

        await WriteAsync("pantry.json", """{ "registries": [{ "name": "own", "url": "https://own.example.test" }] }""");

        Upstreams(one).Describe().ShouldBe("own, npm  (pantry.json, Upstreams:Url)");

        await WriteAsync("pantry.json", """{ "registries": [{ "name": "npm", "url": "https://own.example.test", "enabled": false }] }""");

        Upstreams(one).Describe().ShouldBe("none");
    }

    [Fact]
    public async Task PackageService_gets_the_file_the_commented_one_before_the_plain_one()
    {
        SettingsOf("packages")["Upstreams:File"].ShouldBe(Json);

        await WriteAsync("pantry.json", "{}");
        await WriteAsync("pantry.jsonc", "{}");

        SettingsOf("packages")["Upstreams:File"].ShouldBe(Json + "c");
        SettingsOf("packages", ("Upstreams:File", "/elsewhere/pantry.json"))["Upstreams:File"].ShouldBe("/elsewhere/pantry.json");
        SettingsOf("auth").ShouldNotContainKey("Upstreams:File");
    }

    [Fact]
    public async Task Whoever_reads_the_file_gets_the_variables_it_names()
    {
        await WriteAsync("pantry.json", """{ "registries": [{ "name": "own", "auth": { "token": "Bearer ${OWN_TOKEN}", "other": "${B2}$C" } }] }""");

        Upstreams().Variables().ShouldBe(
            ["OWN_TOKEN", "B2", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(true, "up")]
    [InlineData(true, "up", "--background")]
    [InlineData(false, "up", "--no-upstreams")]
    [InlineData(false, "up", "--no-upstreams", "--background")]
    public async Task The_command_asks_the_npm_of_this_machine_before_anything_starts(bool asks, params string[] command)
    {
        var listeners = new[] { "web", "npm", "loft" }.Select(name => $$"""
            "{{name}}": { "Address": "http://127.0.0.1:{{Ports.Choose([])}}" }
            """);
        await WriteAsync("registry.json", $$"""{ "Gateway": { "Listeners": { {{string.Join(", ", listeners)}} } } }""");

        // No server is to be had, so it ends there.
        var ended = await ProgramRun.RunAsync(
            new("dotnet", [typeof(Listeners).Assembly.Location, .. command, "--data", _folder.Folder.Root])
            {
                Environment = { ["NPM_CONFIG_REGISTRY"] = Somewhere, ["REGISTRY_SERVERS"] = "connection", ["ConnectionStrings__postgres"] = "", ["ConnectionStrings__rabbitmq"] = "" },
            },
            Limit,
            TestContext.Current.CancellationToken);

        ended.ExitCode.ShouldBe(1, ended.Output);
        ended.Output.ShouldContain("REGISTRY_SERVERS=connection");
        ended.Output.Contains($"come from {Somewhere}", StringComparison.Ordinal).ShouldBe(asks, ended.Output);
        File.Exists(Json).ShouldBe(asks);
    }

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private Task WriteAsync(string name, string content) =>
        File.WriteAllTextAsync(Path.Combine(_folder.Folder.Root, name), content, TestContext.Current.CancellationToken);

    /// <summary>A program in npm's place. A shell writes it: what this process has open to write cannot be run while another test starts a program.</summary>
    private async Task<string> NpmThatSaysAsync(string script)
    {
        var program = Path.Combine(_folder.Folder.Programs, "npm");
        (await ProgramRun.RunAsync(
            "/bin/sh",
            ["-c", "mkdir \"$1\" && printf '#!/bin/sh\\n%s\\n' \"$3\" > \"$2\" && chmod +x \"$2\"", "sh", _folder.Folder.Programs, program, script],
            Limit,
            TestContext.Current.CancellationToken)).ExitCode.ShouldBe(0);
        return program;
    }

    private UpstreamsFile Upstreams(params (string Key, string Value)[] asked) => new(_folder.Folder, Options(asked));

    private RegistryOptions Options((string Key, string Value)[] asked) =>
        RegistryOptions.Load(_folder.Folder, asked.ToDictionary(static option => option.Key, static string? (option) => option.Value));

    private Task PrepareAsync(string? npm, params (string Key, string Value)[] asked) =>
        Upstreams(asked).PrepareAsync(npm, Listeners.From(Options(asked)), _folder.Said.WriteLine, TestContext.Current.CancellationToken);

    private Dictionary<string, string?> SettingsOf(string service, params (string Key, string Value)[] asked)
    {
        var options = Options(asked);
        var settings = new ServiceSettings(_folder.Folder, options, Listeners.From(options))
        {
            Ports = HostedService.All.ToDictionary(static service => service.Name, static IReadOnlyList<int> (_) => [1]),
            Databases = new Dictionary<string, string> { ["auth"] = "", ["packages"] = "", ["search"] = "" },
            RabbitMq = null,
        };
        return settings.For(HostedService.All.Single(known => known.Name == service));
    }
}
