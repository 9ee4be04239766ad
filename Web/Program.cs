var app = Registry.Web.WebApp.Build(args);
await app.RunAsync();
