using Registry.SearchService;

if (args is ["migrate", .. var rest])
{
    await SearchServiceApp.MigrateAsync(rest);
    return;
}

await SearchServiceApp.Build(args).RunAsync();
