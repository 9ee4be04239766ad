using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Who looks up what a client can do finds what is tested.</summary>
[Trait("Profile", "one")]
public sealed class ClientsPageTests
{
    [Fact]
    public void The_page_of_clients_has_every_cell_of_the_matrix() =>
        File.ReadAllText(Path.Combine(RegistryProcess.Root, "docs", "clients.md")).ShouldContain(Matrix.Page(), customMessage: Matrix.Page());
}
