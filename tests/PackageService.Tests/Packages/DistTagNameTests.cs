using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Packages;

public sealed class DistTagNameTests
{
    [Theory]
    [InlineData("latest")]
    [InlineData("next-11")]
    [InlineData("v1-lts")]
    [InlineData("v1-latest")]
    [InlineData("canary_2")]
    [InlineData("1a")]
    [InlineData("x-1")]
    [InlineData("a.b")]
    [InlineData("(x)")]
    public void Names_are_tags(string text) => DistTagName.TryParse(text, out _).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("1.0.0")]
    [InlineData("v1")]
    [InlineData("v1.2.x")]
    [InlineData("vx")]
    [InlineData("x")]
    [InlineData("X.1")]
    [InlineData("*")]
    [InlineData("~1.2")]
    [InlineData("~*")]
    [InlineData("1.2.3-beta.4")]
    [InlineData("^1")]
    [InlineData(">=1")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a%")]
    [InlineData("a@b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("1.0.0\n")]
    public void Versions_ranges_and_what_needs_escaping_are_not(string? text) => DistTagName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_longest_tag_has_128_characters()
    {
        DistTagName.TryParse(new string('a', 128), out _).ShouldBeTrue();
        DistTagName.TryParse(new string('a', 129), out _).ShouldBeFalse();
    }
}
