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
/// Qwen's tags and their relatives, Magistral's brackets, the channels of Harmony and of Gemma 4, Kimi's, Cohere's and MedGemma's tokens.
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
            _closers = ClosersOf(opens.Value.ToLowerInvariant(), match.Groups["tag"]);
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
        var tail = _tail.ToString().Replace(" ", "", StringComparison.Ordinal);
        if (_closers.FirstOrDefault(closer => tail.EndsWith(closer, StringComparison.OrdinalIgnoreCase)) is { } closed)
        {
            _closers = [];
            _inName = closed is "<|start|>" or "<|channel|>";
            _tail.Clear();
        }

        return true;
    }

    private static string[] ClosersOf(string opener, Group tag) => opener switch
    {
        _ when tag.Success => [$"</{tag.Value}>"],
        "[think]" => ["[/THINK]"],
        "◁think▷" => ["◁/think▷"],
        "<unused94>" => ["<unused95>"],
        "<|think|>" or "<|thinking|>" or "<|thought|>" => [opener.Replace("<|", "<|/", StringComparison.Ordinal)],
        _ => [opener.Replace("begin", "end", StringComparison.Ordinal).Replace("start", "end", StringComparison.Ordinal)],
    };

    // With what models put before and after: "seed:think", "mm:think", "self_reflection", "think_never_used_51bce0", "thought_process".
    private const string Thought = "(?:[a-z]{1,16}[:_])?"
        + "(?:antthinking|think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad|monologue|chain_of_thought|cot)"
        + "(?:[:_-][a-z0-9_]{1,45})?";

    private const string Token = "(?:of_?)?(?:think(?:ing)?|thought)";

    [GeneratedRegex(
        @"(?:(?<opens><\s*(?<tag>" + Thought + @")(?:\s[^<>]{0,40})?>|<(?<tag>details)\s[^<>]{0,20}reasoning[^<>]{0,20}>"
            + @"|\[THINK\]|◁think▷|<unused94>|<\|(?:think(?:ing)?|thought)\|>|<\|(?:begin|start)_?" + Token + @"\|>)"
        + @"|(?<closes><\s*/\s*" + Thought + @"\s*>"
            + @"|\[/THINK\]|◁/think▷|<unused95>|<\|/(?:think(?:ing)?|thought)\|>|<\|end_?" + Token + @"\|>|<channel\|>)"
        + @"|(?<names><\|(?:start|channel)\|>|<\|(?:channel|turn)>)"
        + @"|<\|[A-Za-z_]{1,30}\|>|<turn\|>|</?s>|</?answer>|</?(?:start|end)_of_turn>)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^(?:final|assistant|model|user|system|response|answer)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Answers();
}
