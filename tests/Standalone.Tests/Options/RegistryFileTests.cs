using Registry.Standalone.Options;

namespace Registry.Standalone.Tests.Options;

public sealed class RegistryFileTests
{
    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        var (values, problems) = Parse("""
            {
              // who may sign up
              "Accounts": { "SignUp": "invite", },
              "Port": 9000, /* and two more */
              "Gateway": { "TrustedProxies": ["10.0.0.0/8", "::1"], "Mounts": { "private": { "Dialect": "npm" } } },
            }
            """);

        problems.ShouldBeEmpty();
        values["Accounts:SignUp"].ShouldBe("invite");
        values["Port"].ShouldBe("9000");
        values["Gateway:TrustedProxies:1"].ShouldBe("::1");
        values["Gateway:Mounts:private:Dialect"].ShouldBe("npm");
    }

    [Fact]
    public void Keys_are_known_in_any_case() => Parse("""{ "accounts": { "signup": "closed" } }""").Problems.ShouldBeEmpty();

    [Theory]
    [InlineData("""{ "Accounts": { "SignUpp": "open" } }""", "Accounts:SignUpp", "Accounts:SignUp")]
    [InlineData("""{ "Gateway": { "Mounts": { "mine": { "Dialct": "npm" } } } }""", "Gateway:Mounts:mine:Dialct", "Gateway:Mounts:{name}:Dialect")]
    [InlineData("""{ "Prot": 8080 }""", "Prot", "Port")]
    [InlineData("""{ "Accouts": { "SignUp": "open" } }""", "Accouts", null)]
    public void An_unknown_key_is_named_with_the_nearest_known_one(string text, string key, string? nearest)
    {
        var problem = Parse(text).Problems.ShouldHaveSingleItem();

        problem.ShouldStartWith($"registry.json: {key} is not a known option");
        if (nearest is not null)
        {
            problem.ShouldContain($"did you mean {nearest}?");
        }
    }

    [Theory]
    [InlineData("""{ "Publishing": { "MaxTarballBytes": "lots" } }""", "Publishing:MaxTarballBytes must be a whole number from 1 to 1099511627776, not \"lots\"")]
    [InlineData("""{ "Publishing": { "MaxTarballBytes": 0 } }""", "Publishing:MaxTarballBytes must be a whole number")]
    [InlineData("""{ "Accounts": { "SignUp": "perhaps" } }""", "Accounts:SignUp must be one of open, invite, closed, not \"perhaps\"")]
    [InlineData("""{ "Accounts": { "SignUp": { "Rule": 1 } } }""", "Accounts:SignUp must be one of open, invite, closed, not an object")]
    [InlineData("""{ "Accounts": "open" }""", "Accounts is a section and must be an object")]
    [InlineData("""{ "Port": 65535 }""", "Port must be a whole number from 1 to 65533, not 65535")]
    [InlineData("""{ "Gateway": { "TrustedProxies": "10.0.0.0/8" } }""", "Gateway:TrustedProxies must be a list")]
    [InlineData("""{ "Gateway": { "TrustedProxies": ["near"] } }""", "Gateway:TrustedProxies:0 must be an address")]
    [InlineData("""{ "PublicUrl": "packages.example.test" }""", "PublicUrl must be a URL")]
    [InlineData("""{ "Gateway": { "Listeners": { "web": { "Address": "localhost:8080" } } } }""", "Gateway:Listeners:web:Address must be http://address:port")]
    public void A_value_of_the_wrong_type_is_named(string text, string problem) =>
        Parse(text).Problems.ShouldHaveSingleItem().ShouldStartWith($"registry.json: {problem}");

    [Fact]
    public void Every_problem_is_named_at_once() =>
        Parse("""{ "Prot": 1, "Bind": "nowhere", "Accounts": { "SignUp": 5 } }""").Problems.Count.ShouldBe(3);

    [Fact]
    public void Malformed_text_is_named_with_line_and_column()
    {
        var problem = Parse("{\n  \"Port\": 8080\n  \"Bind\": \"::1\"\n}").Problems.ShouldHaveSingleItem();

        problem.ShouldStartWith("registry.json is not valid JSON: line 3, column 3: ");
    }

    [Theory]
    [InlineData("""{ "Port": 1, "Port": 2 }""")]
    [InlineData("")]
    [InlineData("[]")]
    public void What_is_not_one_object_with_distinct_keys_is_refused(string text) => Parse(text).Problems.Count.ShouldBe(1);

    private static (Dictionary<string, string> Values, List<string> Problems) Parse(string text)
    {
        var problems = new List<string>();
        return (RegistryFile.Parse(text, problems), problems);
    }
}
