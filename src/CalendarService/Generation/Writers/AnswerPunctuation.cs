namespace CalendarService.Generation.Writers;

/// <summary>
/// Whether all so far is brackets, commas and white space, with at most one code fence. Told character by character: to look back over a
/// part at each of its braces would take the square of its length, and nobody vouches for what an AI sends.
/// </summary>
internal struct AnswerPunctuation
{
    private State _state;

    private enum State
    {
        BeforeFence,
        OneBacktick,
        TwoBackticks,
        InFencesWord,
        AfterFence,
        Other,
    }

    public readonly bool IsAll => _state is State.BeforeFence or State.InFencesWord or State.AfterFence;

    public void Add(char c) => _state = (_state, c) switch
    {
        (State.BeforeFence, '`') => State.OneBacktick,
        (State.OneBacktick, '`') => State.TwoBackticks,
        (State.TwoBackticks, '`') => State.InFencesWord,
        (State.BeforeFence, _) when IsPunctuation(c) => State.BeforeFence,
        (State.InFencesWord, _) when char.IsLetterOrDigit(c) || c == '_' => State.InFencesWord,
        (State.InFencesWord or State.AfterFence, _) when IsPunctuation(c) => State.AfterFence,
        _ => State.Other,
    };

    private static bool IsPunctuation(char c) => c is '[' or ']' or '{' or '}' or ',' or '\uFEFF' || char.IsWhiteSpace(c);
}
