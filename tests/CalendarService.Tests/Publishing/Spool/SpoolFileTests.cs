using CalendarService.Intents;
using CalendarService.Publishing.Spool;
using CalendarService.Requests;
using Microsoft.Extensions.Logging.Abstractions;

namespace CalendarService.Tests.Publishing.Spool;

/// <summary>
/// What is on disk, and what is made of it when it is not as it was written: one damage after another over the same few lines of set-up, so
/// one file.
/// </summary>
public sealed class SpoolFileTests : IDisposable
{
    private readonly SpoolRoot _root = new(Path.Combine(Directory.CreateTempSubdirectory("spool-").FullName, "spool"));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root.Path)!, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(100)]
    public async Task Tail_ThatIsTorn_IsCutOff_AndTheRestIsKept(int left)
    {
        var segment = await WrittenAsync(Publish("a"), Publish("b"));
        var whole = new FileInfo(segment).Length;
        var torn = SpoolFrame.Wrap(Publish("c").ToBytes())[..left];
        await File.AppendAllBytesAsync(segment, torn);

        using var spool = Adopt();

        Assert.Equal(["a", "b"], spool.Requests());
        Assert.Equal(whole, new FileInfo(segment).Length);
        Assert.False(Directory.Exists(_root.Damaged));
    }

    [Fact]
    public async Task Tail_OfZeros_IsCutOff()
    {
        var segment = await WrittenAsync(Publish("a"));
        await File.AppendAllBytesAsync(segment, new byte[4096]);

        using var spool = Adopt();

        Assert.Equal(["a"], spool.Requests());
        Assert.False(Directory.Exists(_root.Damaged));
    }

    /// <summary>Every byte of the middle one, headers and payload: at most that one is lost, and never silently.</summary>
    [Fact]
    public async Task Bit_ThatFlipped_PutsItsRecordAside_AndKeepsTheRest()
    {
        var segment = await WrittenAsync(Publish("a"), Publish("b"), Publish("c"));
        var file = await File.ReadAllBytesAsync(segment);
        var second = SpoolFrame.Scan(file)[1];
        for (var at = second.Offset; at < second.Offset + second.Length; at++)
        {
            var damaged = (byte[])file.Clone();
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(segment, damaged);

            using (var spool = Adopt())
                Assert.Equal(["a", "c"], spool.Requests());

            var aside = Assert.Single(Directory.GetFiles(_root.Damaged));
            Assert.Equal(damaged[second.Offset..(second.Offset + second.Length)], await File.ReadAllBytesAsync(aside));
            Directory.Delete(_root.Damaged, recursive: true);
        }
    }

    [Fact]
    public async Task Bit_OfTheLastRecordsLength_IsDamage_NotATornTail()
    {
        var segment = await WrittenAsync(Publish("a"), Publish("b"));
        var file = await File.ReadAllBytesAsync(segment);
        file[SpoolFrame.Scan(file)[1].Offset + 7] ^= 0x40; // Makes it far longer than the file.
        await File.WriteAllBytesAsync(segment, file);

        using var spool = Adopt();

        Assert.Equal(["a"], spool.Requests());
        Assert.Single(Directory.GetFiles(_root.Damaged));
    }

    [Fact]
    public async Task Record_DamagedAfterItWasIndexed_IsPutAsideWhenItIsRead()
    {
        var segment = await WrittenAsync(Publish("a"), Publish("b"));
        using var spool = Adopt();
        var file = await File.ReadAllBytesAsync(segment);
        file[40] ^= 1;
        await File.WriteAllBytesAsync(segment, file);

        Assert.Equal([null, "b"], spool.Index.Next(100).Select(record => spool.Reader.Read(record)?.RequestId));
        Assert.Single(Directory.GetFiles(_root.Damaged));
    }

    [Fact]
    public async Task Publishes_ThatArriveTogether_AreEachKeptOnce_InOrder()
    {
        var index = new SpoolIndex();
        await using (var writer = Writer(index))
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 3000).Select(n => writer.AppendAsync(Publish($"{n}"))));
            Assert.All(outcomes, outcome => Assert.Equal(SpoolOutcome.Kept, outcome));
            Assert.Equal(3000, index.Depth);
        }

        using var spool = Adopt();
        Assert.Equal(Enumerable.Range(0, 3000).Select(n => $"{n}"), spool.Requests());
    }

    [Fact]
    public async Task Publishes_OfOneKey_AreKeptOnce()
    {
        var index = new SpoolIndex();
        await using (var writer = Writer(index))
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => writer.AppendAsync(Publish($"{n}", "key"))));
            Assert.Equal(1, outcomes.Count(outcome => outcome == SpoolOutcome.Kept));
            Assert.Equal(49, outcomes.Count(outcome => outcome == SpoolOutcome.Waiting));
            await Assert.ThrowsAsync<RefusedException>(() => writer.AppendAsync(Publish("other", "key", "another body")));
        }

        using var spool = Adopt();
        Assert.Single(spool.Requests());
        Assert.NotNull(spool.Reader.Find(new("ada", "publish", "key", "body")));
        Assert.Null(spool.Reader.Find(new("eve", "publish", "key", "body")));
    }

    [Fact]
    public async Task Spool_ThatIsFull_RefusesUntilThereIsRoomAgain()
    {
        var index = new SpoolIndex();
        await using var writer = Writer(index, 4096);
        var kept = 0;
        while (await writer.AppendAsync(Publish("a")) == SpoolOutcome.Kept)
            kept++;

        Assert.InRange(kept, 2, 20);
        Assert.InRange(index.Bytes, 2048, 4096);
        foreach (var record in index.Next(int.MaxValue))
            index.Remove(record);
        await writer.SealAsync();
        SpoolFiles.DeleteDone(index);
        Assert.Equal(SpoolOutcome.Kept, await writer.AppendAsync(Publish("b")));
    }

    [Fact]
    public async Task Folder_OfALiveOwner_IsLeftAlone_AndTakenOverOnceTheOwnerIsGone()
    {
        var index = new SpoolIndex();
        var writer = Writer(index);
        await writer.AppendAsync(Publish("a"));
        using (var other = Adopt())
            Assert.Empty(other.Requests());

        await writer.DisposeAsync();
        using (var next = Adopt())
        {
            Assert.Equal(["a"], next.Requests());
            using var third = Adopt();
            Assert.Empty(third.Requests());
            next.Index.Remove(Assert.Single(next.Index.Next(1)));
            next.Adopter.LeaveDone();
        }

        Assert.Empty(_root.Instances());
    }

    [Fact]
    public async Task Disk_ThatComesBack_IsUsedAgain()
    {
        await File.WriteAllTextAsync(_root.Path, "in the way");
        await using var writer = Writer(new SpoolIndex());

        Assert.Equal(SpoolOutcome.Refused, await writer.AppendAsync(Publish("a")));
        File.Delete(_root.Path);
        Assert.Equal(SpoolOutcome.Kept, await writer.AppendAsync(Publish("b")));
    }

    [Fact]
    public async Task Record_ThatCanNeitherBeReadNorPutAside_StaysOnDisk_AndBlocksNobody()
    {
        var segment = await WrittenAsync(Publish("a"), Publish("b"));
        await File.WriteAllTextAsync(_root.Damaged, "in the way");
        using (var spool = Adopt())
        {
            var file = await File.ReadAllBytesAsync(segment);
            file[40] ^= 1;
            await File.WriteAllBytesAsync(segment, file);
            var records = spool.Index.Next(100);
            Assert.Equal([null, "b"], records.Select(record => spool.Reader.Read(record)?.RequestId));
            foreach (var record in records)
                spool.Index.Remove(record);
            spool.Adopter.LeaveDone();
            Assert.Equal(0, spool.Index.Depth);
        }

        File.Delete(_root.Damaged);
        using var next = Adopt();
        Assert.Equal(["b"], next.Requests());
        Assert.Single(Directory.GetFiles(_root.Damaged));
    }

    [Fact]
    public async Task Folder_ThatIsNotOurs_IsLeftAlone()
    {
        Directory.CreateDirectory(Path.Combine(_root.Path, "lost+found"));
        await WrittenAsync(Publish("a"));

        using var spool = Adopt();
        spool.Adopter.LeaveDone();

        Assert.Equal(["a"], spool.Requests());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root.Path, "lost+found")));
    }

    private static QueuedPublish Publish(string requestId, string? key = null, string body = "body")
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        return new(
            requestId, "ada", "launch", null, true, key is null ? null : new("ada", "publish", key, body), at,
            [new("i-" + requestId, "launch", null, "ada", "e1", "x", """{"text":"ünï"}""", IntentStatus.DryRunOk, null, at)]);
    }

    private async Task<string> WrittenAsync(params QueuedPublish[] publishes)
    {
        await using (var writer = Writer(new SpoolIndex()))
        {
            foreach (var publish in publishes)
                await writer.AppendAsync(publish);
        }

        return Assert.Single(Directory.GetFiles(_root.Path, "*.seg", SearchOption.AllDirectories));
    }

    private SpoolWriter Writer(SpoolIndex index, long maxBytes = 1 << 30) =>
        new(
            new SpoolAppender(_root, index, NullLogger<SpoolAppender>.Instance), new SpoolOptions { MaxBytes = maxBytes }, index,
            NullLogger<SpoolWriter>.Instance);

    private Adopted Adopt()
    {
        var (index, quarantine) = (new SpoolIndex(), new SpoolQuarantine(_root, NullLogger<SpoolQuarantine>.Instance));
        var adopter = new SpoolAdopter(_root, index, quarantine, NullLogger<SpoolAdopter>.Instance);
        adopter.Adopt();
        return new(adopter, index, new SpoolReader(index, quarantine, NullLogger<SpoolReader>.Instance));
    }

    private sealed record Adopted(SpoolAdopter Adopter, SpoolIndex Index, SpoolReader Reader) : IDisposable
    {
        public IEnumerable<string> Requests() => Index.Next(int.MaxValue).Select(record => Reader.Read(record)!.RequestId);

        public void Dispose() => Adopter.Dispose();
    }
}
