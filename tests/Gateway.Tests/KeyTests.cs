using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using Registry.Gateway.Tests.Harness;

namespace Registry.Gateway.Tests;

public sealed class KeyTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    /// <summary>The home folder of whoever runs it, which need not be there or writable, stays as it is.</summary>
    [Fact]
    public void Keys_that_the_framework_makes_at_start_stay_in_memory()
    {
        var options = shared.Gateway.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value;

        options.XmlRepository.ShouldNotBeNull().GetAllElements().Count.ShouldBe(1);
    }
}
