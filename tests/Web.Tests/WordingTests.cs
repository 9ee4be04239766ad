using Registry.Web.Shell;

namespace Registry.Web.Tests;

public sealed class WordingTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(999_949, "999.9 kB")]
    [InlineData(999_950, "1 MB")]
    [InlineData(400_000_000, "400 MB")]
    [InlineData(5_000_000_000_000, "5000 GB")]
    public void Sizes_are_written_for_people(long bytes, string expected) => Wording.Size(bytes).ShouldBe(expected);

    [Theory]
    [InlineData("lodash", "/packages/lodash")]
    [InlineData("@acme/tools", "/packages/@acme/tools")]
    [InlineData("odd name?#", "/packages/odd%20name%3F%23")]
    public void A_package_has_a_readable_address(string name, string expected) => Wording.PackagePath(name).ShouldBe(expected);
}
