return await Registry.Standalone.Cli.RegistryCommand.RunAsync(args);
