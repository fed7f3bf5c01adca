using System.Threading.Channels;
using CalendarService.Requests;

namespace CalendarService.Publishing.Spool;

/// <summary>Group commit: whoever arrives while the disk is busy shares the next write and its one fsync.</summary>
internal sealed partial class SpoolWriter : IAsyncDisposable
{
    private const int MostPerCommit = 1024;

    private readonly Channel<Order> _orders = Channel.CreateUnbounded<Order>(new() { SingleReader = true });
    private readonly SpoolAppender _appender;
    private readonly SpoolOptions _options;
    private readonly SpoolIndex _index;
    private readonly ILogger<SpoolWriter> _logger;
    private readonly Task _loop;

    public SpoolWriter(SpoolAppender appender, SpoolOptions options, SpoolIndex index, ILogger<SpoolWriter> logger)
    {
        (_appender, _options, _index, _logger) = (appender, options, index, logger);
        _loop = Task.Run(LoopAsync);
    }

    /// <exception cref="RefusedException">The key waits with another request.</exception>
    public Task<SpoolOutcome> AppendAsync(QueuedPublish publish) => OrderAsync(new Order(publish, SpoolFrame.Wrap(publish.ToBytes())));

    /// <summary>Ends the current file, so that it can go once all of it is replayed.</summary>
    public Task SealAsync() => OrderAsync(new Order(null, []));

    public async ValueTask DisposeAsync()
    {
        _orders.Writer.TryComplete();
        await _loop;
    }

    private Task<SpoolOutcome> OrderAsync(Order order)
    {
        if (!_orders.Writer.TryWrite(order))
            order.Done.SetResult(SpoolOutcome.Refused); // The process stops.
        return order.Done.Task;
    }

    private async Task LoopAsync()
    {
        var orders = new List<Order>();
        while (await _orders.Reader.WaitToReadAsync())
        {
            while (orders.Count < MostPerCommit && _orders.Reader.TryRead(out var order))
                orders.Add(order);
            TryWriteOrders(orders);
            orders.Clear();
        }

        _appender.Leave();
    }

    private void TryWriteOrders(List<Order> orders)
    {
        try
        {
            WriteOrders(orders);
        }
        catch (Exception error)
        {
            // Nobody may wait for ever, and the next ones get a file of which everything is known.
            orders.ForEach(order => order.Done.TrySetException(error));
            _appender.Seal();
        }
    }

    private void WriteOrders(List<Order> orders)
    {
        var room = _options.MaxBytes - _index.Bytes;
        var batch = new List<Order>();
        foreach (var order in orders)
        {
            if (order.Publish is null || (order.Publish.Key is { } key && batch.Exists(other => HasKey(other, key))))
            {
                Commit(batch);
                batch.Clear();
            }

            if (order.Publish is null)
                Finish(order);
            else if (IsWaiting(order))
                continue;
            else if (order.Frame.Length > room)
                Refuse(order);
            else
            {
                room -= order.Frame.Length;
                batch.Add(order);
            }
        }

        Commit(batch);
    }

    private static bool HasKey(Order order, IdempotencyKey key) =>
        order.Publish!.Key is { } other && (other.UserId, other.Scope, other.Key) == (key.UserId, key.Scope, key.Key);

    private bool IsWaiting(Order order)
    {
        try
        {
            if (order.Publish!.Key is not { } key || _index.Find(key) is null)
                return false;
            order.Done.SetResult(SpoolOutcome.Waiting);
        }
        catch (RefusedException reused)
        {
            order.Done.SetException(reused);
        }

        return true;
    }

    private void Refuse(Order order)
    {
        LogFull(_options.MaxBytes);
        order.Done.SetResult(SpoolOutcome.Refused);
    }

    private void Finish(Order order)
    {
        _appender.Seal();
        order.Done.SetResult(SpoolOutcome.Kept);
    }

    private void Commit(List<Order> batch)
    {
        if (batch.Count == 0)
            return;
        var outcome = _appender.Append([.. batch.Select(order => (order.Publish!, order.Frame))]);
        foreach (var order in batch)
            order.Done.SetResult(outcome);
    }

    [LoggerMessage(LogLevel.Error, "The spool refuses a publish: Spool:MaxBytes = {MaxBytes} are in use")]
    private partial void LogFull(long maxBytes);

    /// <param name="Publish">Null is the order to end the file.</param>
    private sealed record Order(QueuedPublish? Publish, byte[] Frame)
    {
        public TaskCompletionSource<SpoolOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
