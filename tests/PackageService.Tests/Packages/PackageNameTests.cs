using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Packages;

public sealed class PackageNameTests
{
    [Theory]
    [InlineData("lodash", null, "lodash", "lodash")]
    [InlineData("@scope/name", "scope", "name", "@scope/name")]
    [InlineData("@scope%2Fname", "scope", "name", "@scope/name")]
    [InlineData("@scope%2fname", "scope", "name", "@scope/name")]
    [InlineData("JSONStream", null, "JSONStream", "JSONStream")]
    [InlineData("-x-", null, "-x-", "-x-")]
    [InlineData("@scope/_x", "scope", "_x", "@scope/_x")]
    [InlineData("what~is'this!(old)*", null, "what~is'this!(old)*", "what~is'this!(old)*")]
    [InlineData("nul.x", null, "nul.x", "nul.x")]
    public void Names_that_may_exist_are_parsed(string text, string? scope, string bare, string value)
    {
        PackageName.TryParse(text, out var name).ShouldBeTrue();

        name.Scope.ShouldBe(scope);
        name.Bare.ShouldBe(bare);
        name.Value.ShouldBe(value);
        name.ToString().ShouldBe(value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("_x")]
    [InlineData(".x")]
    [InlineData("..")]
    [InlineData("@x")]
    [InlineData("@/x")]
    [InlineData("@x/")]
    [InlineData("@x/..")]
    [InlineData("@../x")]
    [InlineData("@x/y/z")]
    [InlineData("@x%2Fy%2Fz")]
    [InlineData("x@y")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%25b")]
    [InlineData("a b")]
    [InlineData(" a")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("a\\b")]
    [InlineData("naïve")]
    [InlineData("node_modules")]
    [InlineData("Favicon.ico")]
    public void Hostile_and_meaningless_names_are_refused(string? text) => PackageName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_longest_name_has_214_characters_with_its_scope()
    {
        PackageName.TryParse(new string('a', 214), out _).ShouldBeTrue();
        PackageName.TryParse(new string('a', 215), out _).ShouldBeFalse();
        PackageName.TryParse($"@{new string('a', 105)}%2F{new string('b', 107)}", out _).ShouldBeTrue();
        PackageName.TryParse($"@{new string('a', 106)}/{new string('b', 107)}", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("lodash.get", true)]
    [InlineData("@my-org/my_pkg", true)]
    [InlineData("7zip", true)]
    [InlineData("JSONStream", false)]
    [InlineData("-x", false)]
    [InlineData("@scope/_x", false)]
    [InlineData("@-scope/x", false)]
    [InlineData("a~b", false)]
    [InlineData("a!", false)]
    public void New_packages_take_strict_names_only(string text, bool expected) => PackageName.Parse(text).IsValidForNew.ShouldBe(expected);

    [Theory]
    [InlineData("lodash.get", "LodashGet")]
    [InlineData("@my-org/my_pkg", "@myorg/mypkg")]
    public void Spellings_that_look_alike_fold_to_the_same(string one, string other)
    {
        PackageName.Parse(one).Folded.ShouldBe(PackageName.Parse(other).Folded);
        PackageName.Parse(one).ShouldNotBe(PackageName.Parse(other));
    }
}
