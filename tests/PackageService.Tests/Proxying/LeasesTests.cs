using Registry.PackageService.Proxying;

namespace Registry.PackageService.Tests.Proxying;

public sealed class LeasesTests
{
    [Fact]
    public async Task Work_goes_on_when_its_lease_cannot_be_renewed()
    {
        var (work, renewals) = (new TaskCompletionSource<int>(), 0);

        var kept = Leases.KeepWhileAsync(
            work.Task,
            () =>
            {
                if (Interlocked.Increment(ref renewals) == 3)
                {
                    work.SetResult(7);
                }

                throw new TimeoutException("the database is away");
            },
            new HastyClock());

        (await kept).ShouldBe(7);
        renewals.ShouldBe(3);
    }

    [Fact]
    public async Task A_failure_of_the_work_comes_out_as_it_is()
    {
        var failure = new InvalidDataException("mine");

        var kept = Leases.KeepWhileAsync(Task.FromException<int>(failure), static () => Task.CompletedTask, TimeProvider.System);

        (await Should.ThrowAsync<InvalidDataException>(kept)).ShouldBeSameAs(failure);
    }

    [Fact]
    public async Task Giving_a_lease_back_waits_for_no_database_and_hides_no_other_failure()
    {
        await Leases.GiveBackAsync(static _ => throw new TimeoutException("the database is away"));

        await Should.ThrowAsync<InvalidDataException>(() => Leases.GiveBackAsync(static _ => throw new InvalidDataException("mine")));
    }

    /// <summary>Its timers ring after a thousandth of their time.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 1000, period);
    }
}
