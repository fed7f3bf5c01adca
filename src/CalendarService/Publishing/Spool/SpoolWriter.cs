using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using CalendarService.Requests;

namespace CalendarService.Publishing.Spool;

internal enum SpoolOutcome
{
    /// <summary>On disk.</summary>
    Kept,

    /// <summary>A publish with the same key waits already; this one was not written.</summary>
    Waiting,

    /// <summary>Certainly not on disk.</summary>
    Refused,

    /// <summary>The disk failed in a way that leaves both possible.</summary>
    Unknown,
}

/// <summary>Group commit: whoever arrives while the disk is busy shares the next write and its one fsync.</summary>
internal sealed partial class SpoolWriter : IAsyncDisposable
{
    private const int MostPerCommit = 1024;
    private const long SegmentBytes = 16 << 20;

    private readonly Channel<Order> _orders = Channel.CreateUnbounded<Order>(new() { SingleReader = true });
    private readonly SpoolRoot _root;
    private readonly SpoolOptions _options;
    private readonly SpoolIndex _index;
    private readonly ILogger<SpoolWriter> _logger;
    private readonly Task _loop;
    private SpoolFolder? _folder;
    private SpoolSegment? _segment;
    private SafeFileHandle? _file;

    public SpoolWriter(SpoolRoot root, SpoolOptions options, SpoolIndex index, ILogger<SpoolWriter> logger)
    {
        (_root, _options, _index, _logger) = (root, options, index, logger);
        _loop = Task.Run(LoopAsync);
    }

    /// <exception cref="RefusedException">The key waits with another request.</exception>
    public Task<SpoolOutcome> AppendAsync(QueuedPublish publish) => OrderAsync(new Order(publish, SpoolFrame.Of(publish.ToBytes())));

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
            Carry(orders);
            orders.Clear();
        }

        Seal();
        SpoolFiles.DeleteDone(_index);
        _folder?.Leave();
    }

    private void Carry(List<Order> orders)
    {
        var room = _options.MaxBytes - _index.Bytes;
        var batch = new List<Order>();
        foreach (var order in orders)
        {
            if (order.Publish is null || (order.Publish.Key is { } key && batch.Exists(other => Same(other, key))))
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

    private static bool Same(Order order, IdempotencyKey key) =>
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
        Seal();
        order.Done.SetResult(SpoolOutcome.Kept);
    }

    private void Commit(List<Order> batch)
    {
        if (batch.Count == 0)
            return;
        var outcome = Write(batch);
        foreach (var order in batch)
            order.Done.SetResult(outcome);
    }

    private SpoolOutcome Write(List<Order> batch)
    {
        try
        {
            Open();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogRefused(error);
            return SpoolOutcome.Refused;
        }

        var end = _segment!.Bytes;
        try
        {
            RandomAccess.Write(_file!, [.. batch.Select(order => (ReadOnlyMemory<byte>)order.Frame)], end);
            RandomAccess.FlushToDisk(_file!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogRefused(error);
            var undone = Undo(end);
            Seal(); // After a failed fsync nothing more can be known of this file.
            return undone ? SpoolOutcome.Refused : SpoolOutcome.Unknown;
        }

        foreach (var (publish, frame) in batch.Select(order => (order.Publish!, order.Frame)))
        {
            _index.Add(new(_segment, end, frame.Length, publish.Intents.Count, publish.CreatedAt, publish.Key));
            end += frame.Length;
        }

        if (end >= SegmentBytes)
            Seal();
        return SpoolOutcome.Kept;
    }

    private void Open()
    {
        if (_file is not null)
            return;
        _folder ??= SpoolFolder.CreateNew(_root);
        var path = _folder.NextSegment();
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            DurableFile.FlushFolder(_folder.Path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        (_segment, _file) = (new SpoolSegment(_folder, path), file);
        _index.Open(_segment);
    }

    private bool Undo(long end)
    {
        try
        {
            RandomAccess.SetLength(_file!, end);
            RandomAccess.FlushToDisk(_file!);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogRefused(error);
            return false;
        }
    }

    private void Seal()
    {
        if (_segment is null)
            return;
        _file!.Dispose();
        _index.Seal(_segment);
        (_segment, _file) = (null, null);
    }

    [LoggerMessage(LogLevel.Error, "The spool refuses a publish: Spool:MaxBytes = {MaxBytes} are in use")]
    private partial void LogFull(long maxBytes);

    [LoggerMessage(LogLevel.Error, "The spool cannot be written")]
    private partial void LogRefused(Exception error);

    /// <param name="Publish">Null is the order to end the file.</param>
    private sealed record Order(QueuedPublish? Publish, byte[] Frame)
    {
        public TaskCompletionSource<SpoolOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
