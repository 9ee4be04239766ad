using Registry.SearchService;

if (args is ["migrate", .. var rest])
{
    await SearchServiceApp.MigrateAsync(rest);
    return;
}

var app = SearchServiceApp.Build(args);
await app.RunAsync();
