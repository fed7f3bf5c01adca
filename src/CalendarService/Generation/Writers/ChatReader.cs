using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>What the body of an answer gives, bit by bit.</summary>
/// <param name="Text">Empty for a sign of life, such as a thought or a comment; null where a bit cannot be read.</param>
internal readonly record struct ChatPiece(string? Text)
{
    public static readonly ChatPiece Alive = new("");
    public static readonly ChatPiece Lost = new(null);
}

/// <summary>The text in the bytes of one answer, and how it ended.</summary>
internal sealed class ChatReader
{
    private readonly ChatLines _lines = new();
    private readonly JsonText _text = new();
    private bool _answered;
    private bool _inPieces;
    private string? _finish;

    /// <summary>Nothing more is to come.</summary>
    public bool Done { get; private set; }

    /// <exception cref="WriterException">The endpoint says that it failed, or refuses.</exception>
    public IEnumerable<ChatPiece> Feed(ReadOnlyMemory<byte> bytes) => _lines.Feed(bytes).Select(Read).Append(ChatPiece.Alive);

    /// <exception cref="WriterException">The body ended, and the answer had not.</exception>
    public IEnumerable<ChatPiece> End()
    {
        if (!Done)
        {
            foreach (var payload in _lines.End())
                yield return Read(payload);
        }

        if (!_answered)
            throw ChatFaults.NoAnswer(_lines.IsWebPage);
        if (_finish is null && !Done)
            throw new WriterException("ai-unavailable", "The AI's answer broke off before its end.");
        if (_finish is "length" or "max_tokens" or "model_length" or "max_output_tokens")
            throw new WriterException(
                "ai-cut-off", "The AI's answer reached the longest that its model gives; ask for fewer posts at once.");
    }

    private ChatPiece Read(ChatPayload payload)
    {
        if (payload.Json is "[DONE]" or "\"[DONE]\"")
        {
            Done = true;
            return ChatPiece.Alive;
        }

        using var document = ChatChunk.Parse(payload.Json);
        if (document is null)
        {
            if (payload.IsError)
                throw ChatFaults.Reported(default);
            return payload.Json is ['{' or '[', ..] ? ChatPiece.Lost : ChatPiece.Alive;
        }

        return Read(ChatChunk.Read(document.RootElement, payload.IsError, messages: !_inPieces));
    }

    private ChatPiece Read(ChatChunk chunk)
    {
        if (chunk.Error is { } error)
            throw ChatFaults.Reported(error);
        if (chunk.Refused || ChatFaults.IsRefusal(chunk.Finish))
            throw ChatFaults.Refused();
        if (chunk.Finish is "error" or "insufficient_system_resource" or "network_error")
            throw ChatFaults.Reported(default);
        _answered |= chunk.IsAnswer;
        _finish = chunk.Finish ?? _finish;
        _inPieces |= chunk.IsPiece;
        return new(string.Concat(chunk.Texts.Select(_text.Read)));
    }
}
