var app = Registry.AuthService.AuthServiceApp.Build(args);
await app.RunAsync();
