using MassTransit;

namespace Registry.Messaging;

/// <summary>Names queues <c>{service}.{consumer}</c>, the consumer in kebab case.</summary>
internal sealed class QueueNames(string service) : KebabCaseEndpointNameFormatter(includeNamespace: false)
{
    public override string SanitizeName(string name)
    {
        var kebab = base.SanitizeName(name);
        return kebab.StartsWith($"{service}.", StringComparison.Ordinal) ? kebab : $"{service}.{kebab}";
    }
}
