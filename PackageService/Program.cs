using Registry.PackageService;

if (args is ["migrate", .. var rest])
{
    await PackageServiceApp.MigrateAsync(rest);
    return;
}

await PackageServiceApp.Build(args).RunAsync();
