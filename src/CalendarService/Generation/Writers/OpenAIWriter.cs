using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using CalendarService.Channels;
using Microsoft.Extensions.Options;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Writes with a model behind an OpenAI-compatible endpoint: asks for one JSON object a line and gives each post
/// on as soon as its line is whole. A call that fails before its first post is made again, a few times;
/// afterwards never, since the posts given are already on their way to the user.
/// </summary>
internal sealed partial class OpenAIWriter(
    ChatStream chat, IOptions<WriterOptions> options, ChannelRegistry channels, TimeProvider clock, ILogger<OpenAIWriter> logger)
    : IContentWriter
{
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(10);

    // How long a model may go on after the last post was given; a hanging connection must not spoil a whole run.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public async IAsyncEnumerable<WriterItem> WriteAsync(
        WritingBrief brief, [EnumeratorCancellation] CancellationToken cancel)
    {
        var delay = options.Value.OpenAI.RetryDelay;
        for (var left = options.Value.OpenAI.Retries; ; left--, delay *= 2)
        {
            var given = false;
            WriterException? fault = null;
            await using var items = AttemptAsync(brief, cancel).GetAsyncEnumerator(cancel);
            while (true)
            {
                try
                {
                    if (!await items.MoveNextAsync())
                        yield break;
                }
                catch (WriterException error) when (!given && left > 0 && error.Transient && !(error.RetryAfter > MaxRetryAfter))
                {
                    fault = error;
                    break;
                }

                given |= items.Current is DraftPost;
                yield return items.Current;
            }

            var wait = fault.RetryAfter > delay ? fault.RetryAfter.Value : delay;
            LogRetry(fault.Code, (long)wait.TotalMilliseconds, left);
            await Task.Delay(wait, clock, cancel);
        }
    }

    private async IAsyncEnumerable<WriterItem> AttemptAsync(
        WritingBrief brief, [EnumeratorCancellation] CancellationToken cancel)
    {
        var fit = new ChannelFit(brief.Channels, channels);
        var answer = new AnswerReader(brief, fit);
        var full = false;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var grace = clock.CreateTimer(_ => patience.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var pieces = chat
            .AskAsync(OpenAIPrompt.Instructions, OpenAIPrompt.Question(brief, fit), patience.Token)
            .GetAsyncEnumerator(patience.Token);
        ExceptionDispatchInfo? broken = null;
        while (!answer.Overfull && broken is null)
        {
            var more = false;
            try
            {
                more = await pieces.MoveNextAsync();
            }
            catch (Exception error) when (error is WriterException or OperationCanceledException)
            {
                // When every post is there, how the connection ended is nobody's concern.
                if (!answer.Full || cancel.IsCancellationRequested)
                    broken = ExceptionDispatchInfo.Capture(error);
            }

            if (!more)
                break;
            foreach (var item in Read(pieces.Current, answer))
                yield return item;
            if (answer.Full && !full)
                full = grace.Change(Grace, Timeout.InfiniteTimeSpan);
        }

        foreach (var item in broken is null ? answer.End() : answer.Release())
            yield return item;
        broken?.Throw();
    }

    private static IEnumerable<WriterItem> Read(ChatPiece piece, AnswerReader answer)
    {
        if (piece.Text is null)
            answer.Lose();
        return answer.Feed(piece.Text ?? "").Append(SignOfLife.Instance);
    }

    [LoggerMessage(LogLevel.Warning, "The AI gave no post ({Code}); asking again in {WaitMs} ms, {Left} retries left")]
    private partial void LogRetry(string code, long waitMs, int left);
}
