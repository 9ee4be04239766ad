namespace Registry.Gateway.Tests.Harness;

/// <summary>A Gateway for a class of tests that leave its peers as they are.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    public GatewayUnderTest Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await GatewayUnderTest.StartAsync();

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
