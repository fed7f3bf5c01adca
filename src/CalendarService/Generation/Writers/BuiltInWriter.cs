using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using CalendarService.Channels;
using CalendarService.Texts;
using Microsoft.Extensions.Options;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Writes without a network: the same brief gives the same posts on every machine, and every channel of
/// the brief takes them.
/// </summary>
internal sealed class BuiltInWriter(IOptions<WriterOptions> options, ChannelRegistry channels, TimeProvider clock) : IContentWriter
{
    private const int MaxTags = 3;

    public async IAsyncEnumerable<WriterItem> WriteAsync(
        WritingBrief brief, [EnumeratorCancellation] CancellationToken cancel)
    {
        var topics = BriefTopics.Find(brief.Brief);
        var fit = new ChannelFit(brief.Channels, channels);
        var seed = Seed(brief.Brief);
        foreach (var slot in PostSlots.Plan(brief))
        {
            cancel.ThrowIfCancellationRequested();
            if (slot.Index > 0 && options.Value.BuiltIn.Pace > TimeSpan.Zero)
                await Task.Delay(options.Value.BuiltIn.Pace, clock, cancel);
            yield return Post(brief, slot, topics, fit, seed);
        }
    }

    private static DraftPost Post(WritingBrief brief, PostSlot slot, BriefTopics topics, ChannelFit fit, uint seed)
    {
        var turn = seed % 1_000_000 + slot.Index;
        var round = slot.Index / BuiltInPhrases.Bodies.Length;
        var first = (int)((turn + round) % topics.Phrases.Count);
        var words = new BuiltInPhrases.Words(
            topics.Subject,
            topics.Phrases[first],
            topics.Phrases[(first + 1 + (round % (topics.Phrases.Count - 1))) % topics.Phrases.Count],
            slot.ScheduledAt.ToString("dddd", CultureInfo.InvariantCulture));
        var text = BuiltInPhrases.Bodies[turn % BuiltInPhrases.Bodies.Length](words)
            + BuiltInPhrases.Closers[(turn + round) % BuiltInPhrases.Closers.Length];

        var media = fit.PlaceholderMedia(slot.EntryId);
        var link = fit.LinkFor(topics.Link, media.Count);
        return new DraftPost(
            slot.EntryId, slot.ScheduledAt, brief.Timezone, brief.Channels, fit.Fit(text, link, media.Count), link, media,
            Tags(topics, first));
    }

    private static string[] Tags(BriefTopics topics, int first) =>
    [
        .. Enumerable.Range(first, Math.Min(MaxTags, topics.Phrases.Count))
            .Select(i => topics.Phrases[i % topics.Phrases.Count])
            .Select(Hashtag.From)
            .Where(tag => tag.Length > 0)
            .Distinct(),
    ];

    // Not GetHashCode, which differs from process to process.
    private static uint Seed(string brief) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(brief)));
}
