var app = Registry.PackageService.PackageServiceApp.Build(args);
await app.RunAsync();
