using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests.Mounts;

public sealed class RawTargetTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("/@s%2fx")]
    [InlineData("/@s%2Fx")]
    [InlineData("/%40s%2Fx")]
    [InlineData("/@s/x/-/x-1.0.0.tgz")]
    [InlineData("/a+b")]
    [InlineData("/a%2Bb")]
    [InlineData("/a%20b/c%25d")]
    [InlineData("/x?a=%2f&b=+&c=%2B&d=a/../b&e=%")]
    [InlineData("/x?")]
    [InlineData("/x//y/")]
    [InlineData("/x~!$&'()*,;=:@")]
    [InlineData("/%E2%82%AC")]
    [InlineData("/x...y/..z/a..")]
    [InlineData("/%252e%252e/x")]
    public async Task The_target_arrives_byte_for_byte(string target)
    {
        var before = shared.Gateway.Packages.Requests.Count;

        await Wire.SendAsync(shared.Gateway.NpmAddress, "GET", target);
        await Wire.SendAsync(shared.Gateway.WebAddress, "GET", $"/r/main{target}");

        shared.Gateway.Packages.Requests.Skip(before).Select(request => request.Target).ShouldBe([target, target]);
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/..")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/%2E./b")]
    [InlineData("/a/%2e/b")]
    [InlineData("/a/..%2fb")]
    [InlineData("/a/%2e%2e%2Fb")]
    [InlineData("/a/..%5cb")]
    [InlineData("/a/..\\b")]
    [InlineData("/a%2f..")]
    public async Task A_dot_segment_in_any_spelling_is_refused(string target)
    {
        await IsRefusedAsync(shared.Gateway.NpmAddress, target);
        await IsRefusedAsync(shared.Gateway.WebAddress, $"/r/main{target}");
        await IsRefusedAsync(shared.Gateway.WebAddress, target);
    }

    [Theory]
    [InlineData("http://registry.test/lodash")]
    [InlineData("*")]
    [InlineData("/a%")]
    [InlineData("/a%2")]
    [InlineData("/a%zz")]
    [InlineData("/a#b")]
    [InlineData("/a%00b")]
    public async Task A_target_that_is_no_clean_path_is_refused(string target) =>
        await IsRefusedAsync(shared.Gateway.NpmAddress, target);

    [Fact]
    public async Task A_target_with_bytes_beyond_ascii_is_refused() => await IsRefusedAsync(shared.Gateway.NpmAddress, "/a\u00e9b");

    private async Task IsRefusedAsync(Uri address, string target)
    {
        var before = shared.Gateway.Backends.Sum(backend => backend.Requests.Count);

        var answer = await Wire.SendAsync(address, target == "*" ? "OPTIONS" : "GET", target);

        answer.Status.ShouldBe(400, target);
        shared.Gateway.Backends.Sum(backend => backend.Requests.Count).ShouldBe(before);
    }
}
