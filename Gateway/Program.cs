var app = Registry.Gateway.GatewayApp.Build(args);
await app.RunAsync();
