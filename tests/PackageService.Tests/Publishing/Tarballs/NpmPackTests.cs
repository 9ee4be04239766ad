using System.Diagnostics;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Publishing.Tarballs;

public sealed class NpmPackTests
{
    [Fact]
    public async Task What_npm_packs_is_accepted()
    {
        var folder = Directory.CreateTempSubdirectory("registry-pack-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"name":"@s/packed","version":"1.2.3","files":["lib"]}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "# Packed");
        Directory.CreateDirectory(Path.Combine(folder, "lib", new string('d', 120)));
        await File.WriteAllTextAsync(Path.Combine(folder, "lib", new string('d', 120), "ünï.js"), "1");
        using (var npm = Process.Start(new ProcessStartInfo("npm", ["pack", "--silent", "--ignore-scripts"]) { WorkingDirectory = folder, RedirectStandardOutput = true })!)
        {
            await npm.StandardOutput.ReadToEndAsync();
            await npm.WaitForExitAsync();
            npm.ExitCode.ShouldBe(0);
        }

        await using var tarball = File.OpenRead(Path.Combine(folder, "s-packed-1.2.3.tgz"));
        var outcome = await new TarballInspector(new PublishingOptions()).InspectAsync(tarball, TestContext.Current.CancellationToken);

        var contents = outcome.ShouldBeOfType<InspectionOutcome.Accepted>().Contents;
        contents.FileCount.ShouldBe(3);
        contents.Readme.ShouldBe("# Packed");
        Directory.Delete(folder, recursive: true);
    }
}
