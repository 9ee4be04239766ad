using System.Diagnostics.Metrics;

using MassTransit;

using Microsoft.Extensions.Logging;

using Registry.ServiceDefaults;

namespace Registry.Messaging;

/// <summary>
/// Makes failing visible: a message whose retries are used up, or which cannot be read, is counted and logged here, and goes to
/// <c>{queue}_error</c> unless it was a mere wake-up, which is dropped (<see cref="MessagingExtensions.AddWakeUp"/>).
/// </summary>
internal sealed partial class ParkedMessages : IReceiveObserver, IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _parked;
    private readonly ServiceIdentity _service;
    private readonly ILogger<ParkedMessages> _logger;

    public ParkedMessages(IMeterFactory meters, ServiceIdentity service, ILogger<ParkedMessages> logger)
    {
        _service = service;
        _logger = logger;
        _meter = meters.Create("registry.messaging");
        _parked = _meter.CreateCounter<long>(
            "registry.messaging.parked", "{message}", "Messages that failed for good: put aside, or dropped where they only wake up.");
    }

    public void Dispose() => _meter.Dispose();

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Parked(context.ReceiveContext, exception);

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Parked(context, exception);

    private Task Parked(ReceiveContext context, Exception exception)
    {
        var queue = context.InputAddress.AbsolutePath.Split('/')[^1];
        _parked.Add(1, new KeyValuePair<string, object?>("registry.service", _service.Name), new("queue", queue));
        LogParked(exception, queue, context.GetMessageId());
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {MessageId} from {Queue} failed for good")]
    private partial void LogParked(Exception exception, string queue, Guid? messageId);
}
