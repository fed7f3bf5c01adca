using System.Text.RegularExpressions;

namespace AllocationsBench;

/// <summary>A frame of a stack as people call it: the type and the method that was written.</summary>
internal static partial class Frame
{
    /// <returns>Empty for the runtime's own machinery between two methods.</returns>
    public static string Name(string fullMethodName)
    {
        var name = Generated().Replace(fullMethodName[..Until(fullMethodName, '(')], ".${method}");
        if (Machinery().IsMatch(name))
            return "";
        var generic = Until(name, '[');
        var parts = name[..generic].Split(['.', '+'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join('.', parts[^Math.Min(2, parts.Length)..]);
    }

    private static int Until(string text, char end) => text.IndexOf(end, StringComparison.Ordinal) is var at and >= 0 ? at : text.Length;

    // Gateway.Fallback.FallbackMiddleware+<WalkAsync>d__16.MoveNext, X+<>c__DisplayClass1_0.<Apply>b__1, X.<Method>g__Local|76_0
    [GeneratedRegex(@"(\+<>c[^.]*\.|[+.])<(?<method>[^>]+)>[dbg]__.*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Generated();

    [GeneratedRegex("AsyncMethodBuilderCore|AsyncStateMachineBox|GetStateMachineBox|ExecutionContext.Run|Async(Value)?TaskMethodBuilder")]
    private static partial Regex Machinery();
}
