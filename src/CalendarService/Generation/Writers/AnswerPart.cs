namespace CalendarService.Generation.Writers;

internal enum AnswerPartKind
{
    /// <summary>An object, whole or torn, that is a post or should be one.</summary>
    Object,

    /// <summary>One that the answer, which is said to be whole, ends in a string of.</summary>
    Unended,

    /// <summary>A line of anything else.</summary>
    Prose,

    /// <summary>All that came before was a thought.</summary>
    ThoughtsEnd,
}

/// <param name="Line">That it begins on, from 1.</param>
/// <param name="Text">Empty for an object of which a piece is missing.</param>
internal readonly record struct AnswerPart(AnswerPartKind Kind, int Line, string Text);

/// <summary>An object or an array that is open.</summary>
/// <param name="Start">Its place in what is read.</param>
/// <param name="Covered">It is inside of a post.</param>
internal readonly record struct AnswerLevel(bool IsArray, int Start, int Line, bool Covered)
{
    /// <summary>It has a text of its own.</summary>
    public bool HasText { get; init; }

    /// <summary>A post was found in it.</summary>
    public bool Wraps { get; init; }
}
