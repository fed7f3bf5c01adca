using System.Text;
using System.Text.RegularExpressions;

namespace CalendarService.Generation.Writers;

internal enum AnswerMark
{
    None,

    /// <summary>A thought begins.</summary>
    Opens,

    /// <summary>One ends that had no beginning: all before it was a thought.</summary>
    Closes,

    /// <summary>The name of a channel or of a speaker follows.</summary>
    Names,

    /// <summary>It means nothing.</summary>
    Noise,
}

/// <summary>
/// The marks that models put around their thoughts, where the server leaves them in the answer, and those of chat templates: DeepSeek's and
/// Qwen's tags and their relatives, Magistral's brackets, the channels of Harmony and of Gemma 4, Kimi's and Cohere's tokens.
/// </summary>
internal sealed partial class AnswerMarks
{
    private const int Longest = 64;

    private static readonly string[] ChannelClosers = ["<|end|>", "<|return|>", "<|start|>", "<|channel|>", "<channel|>"];

    private readonly StringBuilder _tail = new();
    private string[] _closers = [];
    private bool _inName;

    /// <summary>What is being read is no answer: a thought, or a name.</summary>
    public bool Hides => _inName || _closers.Length > 0;

    /// <summary>Whether a mark can end with it.</summary>
    public static bool MayEnd(char c) => c is '>' or ']' or '▷';

    /// <summary>A mark at the end of a line so far; what is hidden is told from there.</summary>
    public AnswerMark Find(StringBuilder line, out int length)
    {
        var tail = line.ToString(Math.Max(0, line.Length - Longest), Math.Min(Longest, line.Length));
        var match = Mark().Match(tail);
        length = match.Length;
        if (!match.Success)
            return AnswerMark.None;
        _tail.Clear();
        if (match.Groups["opens"] is { Success: true } opens)
        {
            _closers = ClosersOf(opens.Value.ToLowerInvariant());
            return AnswerMark.Opens;
        }

        _inName = match.Groups["names"].Success;
        return _inName ? AnswerMark.Names : match.Groups["closes"].Success ? AnswerMark.Closes : AnswerMark.Noise;
    }

    /// <summary>Takes the next character of what is hidden.</summary>
    /// <returns>Whether it is part of it.</returns>
    public bool Hide(char c)
    {
        if (_inName && (_tail.Length > Longest || !(c is ' ' or '_' or '.' or '=' or '-' || char.IsAsciiLetterOrDigit(c))))
        {
            var name = _tail.ToString().Trim();
            _inName = false;
            _tail.Clear();
            _closers = name.Length == 0 || Answers().IsMatch(name) ? [] : ChannelClosers;
            return _closers.Length > 0 && Hide(c);
        }

        _tail.Append(c);
        if (_tail.Length > 2 * Longest)
            _tail.Remove(0, Longest);
        if (_inName || !MayEnd(c))
            return true;
        var tail = _tail.ToString();
        if (_closers.FirstOrDefault(closer => tail.EndsWith(closer, StringComparison.OrdinalIgnoreCase)) is { } closed)
        {
            _closers = [];
            _inName = closed is "<|start|>" or "<|channel|>";
            _tail.Clear();
        }

        return true;
    }

    private static string[] ClosersOf(string opener) => opener switch
    {
        "[think]" => ["[/THINK]"],
        "◁think▷" => ["◁/think▷"],
        "<|begin_of_thought|>" => ["<|end_of_thought|>"],
        "<|start_thinking|>" => ["<|end_thinking|>"],
        _ => [$"</{opener.Trim('<', '>').Split(' ')[0]}>"],
    };

    [GeneratedRegex(
        """
        (?:(?<opens><(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad|seed:think)(?:\s[^<>]{0,30})?>
            |\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>)
        |(?<closes></(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad|seed:think)>
            |\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>|<channel\|>)
        |(?<names><\|(?:start|channel)\|>|<\|(?:channel|turn)>)
        |<\|[A-Za-z_]{1,30}\|>|<turn\|>|</?s>|</?answer>|</?(?:start|end)_of_turn>|<\|(?:START|END)_RESPONSE\|>)\z
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^(?:final|assistant|model|user|system|response|answer)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Answers();
}
