using Registry.AuthService;

if (args is ["migrate", .. var rest])
{
    await AuthServiceApp.MigrateAsync(rest);
    return;
}

var app = AuthServiceApp.Build(args);
await app.RunAsync();
