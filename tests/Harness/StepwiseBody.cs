using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Harness;

/// <summary>An answer whose body a test sends piece by piece. Each step completes when its bytes are flushed to the socket.</summary>
public sealed class StepwiseBody
{
    private readonly Channel<Step> _steps = Channel.CreateUnbounded<Step>();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private enum Kind
    {
        Send,
        End,
        Abort,
    }

    /// <summary>The request is here and the head of the answer is sent.</summary>
    public Task Opened => _opened.Task;

    /// <summary>The asker cut the connection.</summary>
    public Task AskerLeft => _left.Task;

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] bytes) => AddAsync(new(Kind.Send, bytes));

    /// <summary>A frame as the calendar service writes it.</summary>
    public Task SendFrameAsync(long seq, string name, string data) => SendAsync($"id: {seq}\nevent: {name}\ndata: {data}\n\n");

    /// <summary>Ends the body in order.</summary>
    public Task EndAsync() => AddAsync(new(Kind.End, []));

    /// <summary>Resets the connection.</summary>
    public Task AbortAsync() => AddAsync(new(Kind.Abort, []));

    internal async Task PumpAsync(HttpContext context)
    {
        await using var left = context.RequestAborted.Register(() => _left.TrySetResult());
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        _opened.TrySetResult();
        try
        {
            await foreach (var step in _steps.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (step.What == Kind.Abort)
                    context.Abort();
                await context.Response.Body.WriteAsync(step.Bytes);
                await context.Response.Body.FlushAsync();
                step.Done.TrySetResult();
                if (step.What != Kind.Send)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The registration above may have been disposed before its turn came.
            _left.TrySetResult();
        }
    }

    private Task AddAsync(Step step)
    {
        _steps.Writer.TryWrite(step);
        return step.Done.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed record Step(Kind What, byte[] Bytes)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
