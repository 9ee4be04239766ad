using System.Text.Json;

using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Types;

/// <summary>The part about what a proxy asks for: packuments, tarballs by their links, and whether anybody is there.</summary>
public abstract partial class RegistryContract
{
    /// <summary>Whether its packages are any for npm clients.</summary>
    protected virtual bool HasPackuments => true;

    /// <summary>Ways to misbehave that bytes of a tarball cannot be told from, or that do not end by themselves.</summary>
    private static readonly string[] NoFaultsOfTarballs = ["html", "huge", "drip"];

    public static TheoryData<string, RegistryFailure> TarballFaults =>
        [.. Faults.Where(row => !NoFaultsOfTarballs.Contains(row.Data.Item1))];

    public static TheoryData<string, RegistryFailure> PingFaults => new()
    {
        { "500", RegistryFailure.Failed },
        { "503", RegistryFailure.Failed },
        { "401", RegistryFailure.Refused },
        { "403", RegistryFailure.Refused },
        { "429", RegistryFailure.RateLimited },
        { "hang", RegistryFailure.TooSlow },
        { "reset", RegistryFailure.Unreachable },
    };

    [Fact]
    public async Task A_packument_leads_to_the_tarballs_of_all_versions()
    {
        using var registry = Open();

        var answer = await registry.FetchPackumentAsync(new PackumentQuery { Name = Name });

        if (!HasPackuments)
        {
            answer.ShouldBe(new PackumentAnswer.NotFound());
            return;
        }

        using var packument = Parse(answer);
        packument.RootElement.GetProperty("name").GetString().ShouldBe(Name);
        packument.RootElement.GetProperty("dist-tags").GetProperty("latest").GetString().ShouldBe("1.1.0");
        var versions = packument.RootElement.GetProperty("versions");
        versions.EnumerateObject().Select(version => version.Name).ShouldBe(["1.0.0", "1.1.0"]);
        versions.EnumerateObject().ShouldAllBe(version => version.Value.GetProperty("name").GetString() == Name && version.Value.GetProperty("version").GetString() == version.Name);
        var dist = versions.GetProperty("1.0.0").GetProperty("dist");
        dist.GetProperty("integrity").GetString().ShouldNotBeNull().ShouldStartWith("sha");
        (await ReadAllAsync(registry, dist.GetProperty("tarball").GetString()!)).ShouldBe(Tarball("1.0.0"));
    }

    [Fact]
    public async Task A_packument_and_a_tarball_that_are_not_there_are_absent()
    {
        using var registry = Open();

        (await registry.FetchPackumentAsync(new PackumentQuery { Name = Absent })).ShouldBe(new PackumentAnswer.NotFound());
        (await registry.OpenTarballAsync("not/here.tgz")).ShouldBeNull();
    }

    [Fact]
    public async Task A_tarball_is_opened_by_its_URL_and_by_the_link_that_is_kept()
    {
        using var registry = Open();
        var url = (await registry.FetchMetadataAsync(Name, "1.0.0"))!.TarballUrl!.AbsoluteUri;

        var link = registry.LinkOf(url);

        link.ShouldBe(url[Server.Url.AbsoluteUri.Length..]);
        (await ReadAllAsync(registry, url)).ShouldBe(Tarball("1.0.0"));
        (await ReadAllAsync(registry, link)).ShouldBe(Tarball("1.0.0"));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_registry_that_misbehaves_has_no_packument_and_is_not_called_absent(string fault, RegistryFailure failure)
    {
        using var registry = Open(Server.Url, PatienceWith(failure));
        Server.Fault = FaultOf(fault);

        if (HasPackuments)
        {
            var broken = await Should.ThrowAsync<RegistryException>(() => registry.FetchPackumentAsync(new PackumentQuery { Name = Name }));
            broken.Failure.ShouldBe(failure, broken.Message);
        }

        Server.Requests.Any().ShouldBe(HasPackuments);
    }

    [Theory]
    [MemberData(nameof(TarballFaults))]
    public async Task A_tarball_that_cannot_be_read_is_a_failure(string fault, RegistryFailure failure)
    {
        using var registry = Open(Server.Url, PatienceWith(failure));
        Server.Fault = FaultOf(fault);

        var broken = await Should.ThrowAsync<RegistryException>(() => ReadAllAsync(registry, "it.tgz"));

        broken.Failure.ShouldBe(failure, broken.Message);
    }

    [Theory]
    [MemberData(nameof(PingFaults))]
    public async Task A_ping_tells_what_is_wrong(string fault, RegistryFailure failure)
    {
        using var registry = Open(Server.Url, PatienceWith(failure));
        Server.Fault = FaultOf(fault);

        (await Should.ThrowAsync<RegistryException>(() => registry.PingAsync())).Failure.ShouldBe(failure);
    }

    [Fact]
    public async Task Any_other_answer_to_a_ping_is_one()
    {
        using var registry = Open();

        await registry.PingAsync();
        Server.Fault = FaultOf("204");
        await registry.PingAsync();

        Server.Requests.ShouldAllBe(request => request.Target == (Type == RegistryType.Npm ? "/-/ping" : "/"));
    }

    protected static JsonDocument Parse(PackumentAnswer answer) => JsonDocument.Parse(answer.ShouldBeOfType<PackumentAnswer.Found>().Packument.Json);

    protected static async Task<byte[]> ReadAllAsync(PackageRegistry registry, string link)
    {
        await using var download = (await registry.OpenTarballAsync(link)).ShouldNotBeNull();
        using var read = new MemoryStream();
        var buffer = new byte[7];
        while (await download.ReadAsync(buffer) is var count and > 0)
        {
            read.Write(buffer.AsSpan(0, count));
        }

        (download.SizeBytes ?? read.Length).ShouldBe(read.Length);
        return read.ToArray();
    }
}
