using System.Security.Cryptography;

using Registry.Standalone.Folder;

namespace Registry.Standalone.Tests.Folder;

public sealed class SecretsTests
{
    [Fact]
    public async Task Secrets_are_for_their_owner_alone_and_stay_the_same()
    {
        await using var folder = await TestFolder.CreateAsync();
        var secrets = new Secrets(folder.Folder);

        var (password, key) = (secrets.Password("postgres"), secrets.GatewayKey);

        new Secrets(folder.Folder).Password("postgres").ShouldBe(password);
        new Secrets(folder.Folder).GatewayKey.ShouldBe(key);
        secrets.ServicesKey.ShouldNotBe(key);
        secrets.Password("rabbitmq").ShouldNotBe(password);
        if (!OperatingSystem.IsWindows())
        {
            Directory.GetFiles(folder.Folder.Secrets).Length.ShouldBe(4);
            Directory.GetFiles(folder.Folder.Secrets).ShouldAllBe(static file => !OperatingSystem.IsWindows() && File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            File.GetUnixFileMode(folder.Folder.Secrets).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Keys_are_on_the_curve_assertions_use()
    {
        await using var folder = await TestFolder.CreateAsync();
        using var key = ECDsa.Create();

        key.ImportFromPem(new Secrets(folder.Folder).ServicesKey);

        key.KeySize.ShouldBe(256);
    }
}
