var app = Registry.StorageService.StorageServiceApp.Build(args);
await app.RunAsync();
