using System.ComponentModel.DataAnnotations;

namespace Registry.Messaging;

/// <summary>How events leave the outbox. Section <c>Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Outbox";

    /// <summary>How long one publish may take before it counts as failed. Default 10 s: a publish caught in a broker's restart can hang for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Outbox:PublishTimeout must be between 0.1 s and 1 min.")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a dispatcher holds the rows it took; after that another may send them. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Outbox:Lease must be between 1 s and 10 min.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often to look for rows nobody signalled: failed ones, and those of a process that died. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00", ErrorMessage = "Outbox:PollInterval must be between 50 ms and 1 min.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a failed row is tried again; waits double from 1 s. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00", ErrorMessage = "Outbox:LongestBackOff must be between 50 ms and 1 h.")]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most rows taken at once. Default 50.</summary>
    [Range(1, 1000, ErrorMessage = "Outbox:BatchSize must be between 1 and 1000.")]
    public int BatchSize { get; set; } = 50;
}
