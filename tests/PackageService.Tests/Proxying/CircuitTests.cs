using System.Net;

using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

public sealed class CircuitTests
{
    private readonly Circuit _circuit = new("up", TimeProvider.System);

    [Fact]
    public async Task After_failures_in_a_row_one_question_at_a_time_is_let_through_and_its_failure_is_everybodys()
    {
        await OpenAsync();
        var (gate, asked) = (new TaskCompletionSource<int>(), 0);

        var all = Enumerable.Range(0, 20).Select(_ => AskAsync(() =>
        {
            Interlocked.Increment(ref asked);
            return gate.Task;
        })).ToList();
        gate.SetException(Failure());

        foreach (var one in all)
        {
            (await Should.ThrowAsync<RegistryException>(one)).Message.ShouldBe("The registry 'up' failed.");
        }

        asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_trial_that_succeeds_lets_all_through_who_waited()
    {
        await OpenAsync();
        var gate = new TaskCompletionSource<int>();

        var all = Enumerable.Range(0, 20).Select(_ => AskAsync(() => gate.Task)).ToList();
        gate.SetResult(7);

        (await Task.WhenAll(all)).ShouldAllBe(static answer => answer == 7);
        _circuit.IsOpen.ShouldBeFalse();
    }

    [Fact]
    public async Task A_trial_that_is_given_up_leaves_its_place_to_the_next()
    {
        await OpenAsync();
        using var leaves = new CancellationTokenSource();
        var trial = _circuit.AskAsync<int>(
            static async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return 0;
            },
            leaves.Token);
        var next = AskAsync(static () => Task.FromResult(7));
        next.IsCompleted.ShouldBeFalse();

        await leaves.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(trial);
        (await next).ShouldBe(7);
    }

    [Fact]
    public async Task A_trial_that_breaks_for_a_reason_of_ours_proves_nothing_and_blocks_nobody()
    {
        await OpenAsync();

        await Should.ThrowAsync<HttpRequestException>(AskAsync(static () => throw new HttpRequestException("our store")));

        _circuit.IsOpen.ShouldBeTrue();
        (await AskAsync(static () => Task.FromResult(7))).ShouldBe(7);
    }

    [Fact]
    public async Task What_is_wrong_with_one_package_says_that_the_upstream_works()
    {
        await OpenAsync();

        await Should.ThrowAsync<RegistryException>(AskAsync(static () => throw new RegistryException("up", RegistryFailure.BadAnswer, "sent a page.")));

        _circuit.IsOpen.ShouldBeFalse();
    }

    private async Task OpenAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            _circuit.IsOpen.ShouldBeFalse();
            await Should.ThrowAsync<RegistryException>(AskAsync(static () => throw Failure()));
        }

        _circuit.IsOpen.ShouldBeTrue();
    }

    private Task<int> AskAsync(Func<Task<int>> ask) => _circuit.AskAsync(_ => ask(), CancellationToken.None);

    private static RegistryException Failure() => new("up", RegistryFailure.Failed, "failed.") { Status = HttpStatusCode.InternalServerError };
}
