var app = Registry.SearchService.SearchServiceApp.Build(args);
await app.RunAsync();
