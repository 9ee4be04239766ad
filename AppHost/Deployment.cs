using Aspire.Hosting.Kubernetes;

using Microsoft.Extensions.Configuration;

/// <summary>What <c>aspire publish</c> writes (deploy/README.md): a Helm chart, or with <c>--target compose</c> a compose file.</summary>
internal static class Deployment
{
    private const string Kubernetes = "kubernetes";

    /// <summary>Adds the target; nothing when AppHost runs.</summary>
    public static void AddDeploymentTarget(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return;
        }

        if (IsForKubernetes(builder))
        {
            builder.AddKubernetesEnvironment(Kubernetes)
                .WithHelm(helm => helm.WithChartName("registry").WithChartVersion("0.1.0").WithNamespace("registry").WithReleaseName("registry"))
                .WithDashboard(enabled: false)
                .WithProperties(environment => environment.DefaultStorageType = "pvc"); // else volumes end with their pod
        }
        else
        {
            builder.AddDockerComposeEnvironment("compose").WithDashboard(enabled: false);
        }
    }

    /// <summary>Health of a service: ready and alive. In a chart both become probes; when AppHost runs, others wait for them.</summary>
    public static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> service)
    {
#pragma warning disable ASPIREPROBES001 // probes are experimental
        service
            .WithHttpProbe(ProbeType.Readiness, "/health", periodSeconds: 5, endpointName: "http")
            .WithHttpProbe(ProbeType.Liveness, "/alive", periodSeconds: 10, endpointName: "http");
#pragma warning restore ASPIREPROBES001
        var builder = service.ApplicationBuilder;
        return builder.ExecutionContext.IsPublishMode && IsForKubernetes(builder) ? service.PublishAsKubernetesService(Correct) : service;
    }

    /// <summary>Aspire writes <c>http</c> where Kubernetes takes <c>HTTP</c>.</summary>
    private static void Correct(KubernetesResource resource)
    {
        foreach (var container in resource.Workload!.PodTemplate.Spec.Containers)
        {
            if (container.ReadinessProbe?.HttpGet is { } ready)
            {
                ready.Scheme = "HTTP";
            }

            if (container.LivenessProbe?.HttpGet is { } alive)
            {
                alive.Scheme = "HTTP";
            }
        }
    }

    private static bool IsForKubernetes(IDistributedApplicationBuilder builder) => (builder.Configuration["target"] ?? Kubernetes) == Kubernetes;
}
