using System.Collections.Concurrent;
using System.Text.Json;
using Crash.Load;

namespace Crash.Ledger;

/// <summary>A post, as far as a row of <c>publish_intents</c> can be told from another by what was asked.</summary>
internal sealed record Post(string EntryId, string Channel);

internal sealed record AcknowledgedIntent(string IntentId, Post Post, string Status);

/// <summary>One request of a publish, and what came of it.</summary>
/// <param name="Intents">Empty unless it was acknowledged.</param>
internal sealed record PublishAttempt(Reply Reply, IReadOnlyList<AcknowledgedIntent> Intents);

/// <summary>
/// A wish to publish, however often it was sent. No two wishes name the same entry of the same calendar, except under one key: so a row
/// tells whose it is.
/// </summary>
/// <param name="Key">Its idempotency key, if it was sent with one.</param>
internal sealed record Publish(string User, string CalendarId, string? Key, string? RunId, IReadOnlyList<Post> Posts)
{
    private readonly ConcurrentQueue<PublishAttempt> _attempts = [];

    public IReadOnlyCollection<PublishAttempt> Attempts => _attempts;

    public void Note(Reply reply) => _attempts.Enqueue(new(reply, reply.IsAcknowledged ? IntentsOf(reply.Body) : []));

    public override string ToString() =>
        $"publish of {string.Join(", ", Posts.Select(post => post.EntryId).Distinct().Take(5))} of {User}'s {CalendarId}, "
        + $"{(Key is null ? "no key" : "key " + Key)}; attempts:\n{string.Join('\n', _attempts.Select(attempt => "      " + attempt.Reply))}";

    private static AcknowledgedIntent[] IntentsOf(JsonElement answer) =>
    [
        .. answer.GetProperty("intents").EnumerateArray().Select(intent => new AcknowledgedIntent(
            intent.GetProperty("intentId").GetString()!,
            new Post(intent.GetProperty("entryId").GetString()!, intent.GetProperty("channel").GetString()!),
            intent.GetProperty("status").GetString()!)),
    ];
}

internal sealed class PublishLedger
{
    private readonly ConcurrentQueue<Publish> _publishes = [];

    public IReadOnlyCollection<Publish> All => _publishes;

    public Publish Open(string user, string calendarId, string? key, string? runId, IReadOnlyList<Post> posts)
    {
        var publish = new Publish(user, calendarId, key, runId, posts);
        _publishes.Enqueue(publish);
        return publish;
    }
}
