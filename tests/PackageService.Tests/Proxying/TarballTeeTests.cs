using Registry.PackageService.Proxying;

namespace Registry.PackageService.Tests.Proxying;

public sealed class TarballTeeTests
{
    private const int Piece = 64 * 1024;

    [Fact]
    public async Task The_last_piece_waits_until_the_whole_was_verified()
    {
        var tee = new TarballTee();
        tee.Add([1]);
        tee.Begun.IsCompleted.ShouldBeFalse();
        tee.Add([2]);
        await using var pieces = tee.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        (await pieces.MoveNextAsync()).ShouldBeTrue();
        pieces.Current.ToArray().ShouldBe([1]);

        var last = pieces.MoveNextAsync();
        last.IsCompleted.ShouldBeFalse();
        tee.Complete();

        (await last).ShouldBeTrue();
        pieces.Current.ToArray().ShouldBe([2]);
        (await pieces.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_failure_comes_in_the_place_of_the_last_piece()
    {
        var tee = new TarballTee();
        tee.Add([1]);
        tee.Add([2]);
        tee.Fail(new IOException("wrong bytes"));

        var (read, failure) = await ReadAsync(tee);

        (read, failure?.Message).ShouldBe((1, "wrong bytes"));
    }

    [Fact]
    public async Task Nobody_who_reads_slowly_or_not_at_all_makes_it_keep_more_than_two_megabytes()
    {
        var (tee, piece) = (new TarballTee(), new byte[Piece]);
        for (var i = 0; i < 1_000; i++)
        {
            tee.Add(piece);
        }

        tee.Complete();

        tee.IsLeftBehind.ShouldBeTrue();
        (await ReadAsync(tee)).Read.ShouldBeInRange(1, (2 * 1024 * 1024) + Piece);
    }

    [Fact]
    public async Task One_who_reads_as_fast_as_it_comes_is_never_left_behind()
    {
        var (tee, piece) = (new TarballTee(), new byte[Piece]);
        await using var pieces = tee.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        tee.Add(piece);
        for (var i = 0; i < 1_000; i++)
        {
            tee.Add(piece);
            (await pieces.MoveNextAsync()).ShouldBeTrue();
        }

        tee.IsLeftBehind.ShouldBeFalse();
    }

    [Fact]
    public async Task For_one_who_has_gone_nothing_is_kept()
    {
        var (tee, piece) = (new TarballTee(), new byte[Piece]);
        await using (var pieces = tee.ReadAsync(CancellationToken.None).GetAsyncEnumerator())
        {
            tee.Add(piece);
            tee.Add(piece);
            await pieces.MoveNextAsync();
        }

        for (var i = 0; i < 1_000; i++)
        {
            tee.Add(piece);
        }

        tee.IsLeftBehind.ShouldBeFalse();
        tee.Complete();
        (await ReadAsync(tee)).Read.ShouldBe(Piece); // what was held back when it left
    }

    private static async Task<(long Read, Exception? Failure)> ReadAsync(TarballTee tee)
    {
        var read = 0L;
        try
        {
            await foreach (var piece in tee.ReadAsync(CancellationToken.None))
            {
                read += piece.Length;
            }

            return (read, null);
        }
        catch (IOException failure)
        {
            return (read, failure);
        }
    }
}
