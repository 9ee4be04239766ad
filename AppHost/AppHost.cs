using System.Security.Cryptography;

using Microsoft.Extensions.Configuration;

// The registry under Aspire. Names are those the services read (tests/Architecture.Tests compares them). Parameters:{name} gives
// a parameter; a secret not given is made on the first start and kept in the user secrets. ConnectionStrings:{name} replaces
// the container of that name: those that ./registry servers up prints leave MinIO and Elasticsearch.
var builder = DistributedApplication.CreateBuilder(args);
builder.AddDeploymentTarget();
var publishing = builder.ExecutionContext.IsPublishMode;
var (bind, exposed, blobs) = publishing
    ? ("0.0.0.0", "true", "/var/lib/registry/blobs")
    : ("127.0.0.1", "false", Path.GetFullPath("../.registry/apphost/blobs", builder.AppHostDirectory));

// The keys behind assertions: new at every start unless all three are given. Only the Gateway holds the private half of its own.
using var gatewayPair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
using var servicesPair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
var gatewayKey = Key("gateway-key", gatewayPair.ExportPkcs8PrivateKeyPem());
var gatewayPublicKey = Key("gateway-public-key", gatewayPair.ExportSubjectPublicKeyInfoPem());
var servicesKey = Key("services-key", servicesPair.ExportPkcs8PrivateKeyPem());

// One server with one database per service that has tables.
var postgresServer = Configured("postgres");
var postgres = postgresServer is null ? builder.AddPostgres("postgres", password: Secret("postgres-password")).WithDataVolume() : null;

var rabbitmq = Configured("rabbitmq")
    ?? builder.AddRabbitMQ("rabbitmq", password: Secret("rabbitmq-password")).WithManagementPlugin().WithDataVolume();

// StorageService keeps blobs in S3, and SearchService its index in Elasticsearch.
var s3 = Configured("s3") ?? Minio();
var elasticsearch = Configured("elasticsearch")
    ?? builder.AddElasticsearch("elasticsearch", password: Secret("elasticsearch-password")).WithDataVolume();

var auth = WithDatabase<Projects.AuthService>("auth")
    .WithEnvironment("Accounts__Exposed", exposed) // on loopback everybody may sign up
    .WithEnvironment("SecondFactor__Key", Secret("second-factor-key")).WithEnvironment("Accounts__SetupToken", Secret("setup-token")); // makes the first administrator; the dashboard shows it

var storage = Service<Projects.StorageService>("storage")
    .WithEnvironment("Storage__Path", blobs)
    .WithReference(s3).WaitFor(s3);

var packages = WithDatabase<Projects.PackageService>("packages")
    .WithReference(auth).WaitFor(auth)
    .WithReference(storage).WaitFor(storage);

// The npm registry that packages come from which are not published here: none unless it is given; a chart asks for it in its values.
if (builder.Configuration["Parameters:npm-upstream"] is { Length: > 0 } || publishing)
{
    packages.WithEnvironment("Upstreams__Url", builder.AddParameter("npm-upstream"));
}

var search = WithDatabase<Projects.SearchService>("search")
    .WithReference(elasticsearch).WaitFor(elasticsearch)
    .WithReference(packages).WaitFor(packages);

var web = Service<Projects.Web>("web")
    .WithReference(packages).WaitFor(packages)
    .WithReference(search).WaitFor(search);

// Listens on its addresses itself: they are what clients configure and what absolute URLs in documents begin with.
builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: 8080, targetPort: 8080, name: "http", isProxied: false)
    .WithHttpEndpoint(port: 3000, targetPort: 3000, name: "npm", isProxied: false)
    .WithHttpEndpoint(port: 3030, targetPort: 3030, name: "loft", isProxied: false)
    .WithProbes().WithExternalHttpEndpoints()
    .WithEnvironment("Gateway__Listeners__web__Address", $"http://{bind}:8080")
    .WithEnvironment("Gateway__Listeners__npm__Address", $"http://{bind}:3000")
    .WithEnvironment("Gateway__Listeners__loft__Address", $"http://{bind}:3030")
    .WithEnvironment("Assertions__GatewayKey", gatewayKey)
    .WithEnvironment("Assertions__ServicesKey", servicesKey)
    .WithReference(rabbitmq).WaitFor(rabbitmq)
    .WithReference(auth).WaitFor(auth).WithReference(packages).WaitFor(packages)
    .WithReference(storage).WaitFor(storage).WithReference(search).WaitFor(search)
    .WithReference(web).WaitFor(web);

await using var app = builder.Build();
await app.RunAsync();

IResourceBuilder<IResourceWithConnectionString>? Configured(string name) =>
    builder.Configuration.GetConnectionString(name) is null ? null : builder.AddConnectionString(name);

IResourceBuilder<ParameterResource> Secret(string name) =>
    builder.AddParameter(name, new GenerateParameterDefault { MinLength = 24, Special = false }, secret: true, persist: true);

IResourceBuilder<ParameterResource> Key(string name, string pem) =>
    builder.AddParameter(name, builder.Configuration[$"Parameters:{name}"] ?? pem, secret: true);

IResourceBuilder<ProjectResource> Service<TProject>(string name) where TProject : IProjectMetadata, new() =>
    builder.AddProject<TProject>(name)
        .WithHttpEndpoint(name: "http")
        .WithProbes()
        .WithEnvironment("Assertions__GatewayKey", gatewayPublicKey)
        .WithEnvironment("Assertions__ServicesKey", servicesKey);

IResourceBuilder<ProjectResource> WithDatabase<TProject>(string name) where TProject : IProjectMetadata, new()
{
    IResourceBuilder<IResourceWithConnectionString> database = postgres is null
        ? builder.AddConnectionString($"{name}-database", ReferenceExpression.Create($"{postgresServer!};Database={name}"))
        : postgres.AddDatabase($"{name}-database", databaseName: name);
    var migrate = builder.AddProject<TProject>($"{name}-migrate").WithArgs("migrate")
        .WithReference(database, connectionName: name).WaitFor(database);
    return Service<TProject>(name)
        .WithReference(database, connectionName: name).WaitForCompletion(migrate)
        .WithReference(rabbitmq).WaitFor(rabbitmq);
}

IResourceBuilder<IResourceWithConnectionString> Minio()
{
    var password = Secret("minio-password");
    var minio = builder.AddContainer("minio", "minio/minio", "RELEASE.2025-09-07T16-13-09Z")
        .WithArgs("server", "/data")
        .WithEnvironment("MINIO_ROOT_USER", "registry")
        .WithEnvironment("MINIO_ROOT_PASSWORD", password)
        .WithHttpEndpoint(targetPort: 9000, name: "http")
        .WithHttpHealthCheck("/minio/health/live", endpointName: "http")
        .WithVolume("registry-minio-data", "/data");
    return builder.AddConnectionString("s3", ReferenceExpression.Create(
        $"Endpoint={minio.GetEndpoint("http")};AccessKey=registry;SecretKey={password};Bucket=registry")).WaitFor(minio);
}
