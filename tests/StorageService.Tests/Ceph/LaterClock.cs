namespace Registry.StorageService.Tests.Ceph;

/// <summary>A clock that is ahead: to a process that has it, what others have just written is old.</summary>
internal sealed class LaterClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}
