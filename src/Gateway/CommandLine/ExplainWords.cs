using Gateway.Admin;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>METHOD and PATH of <c>gateway explain</c>, as words or as options.</summary>
internal static class ExplainWords
{
    private const string Example = "as gateway explain GET /api/calendar";
    private const string Twice = "Method or path is given twice, as a word and as an option";

    /// <exception cref="WrongUsageException">With what is wrong, and how it is written.</exception>
    public static (string Method, string Path) Read(string[] words, string? method, string? path)
    {
        if (words.Append(path).Select(FindAddress).FirstOrDefault(address => address is not null) is { } url)
            throw Refuse(Advise(url));
        var (first, second) = (words.FirstOrDefault(), words.ElementAtOrDefault(1));
        return (first, second) switch
        {
            (null, _) when path is null => throw Refuse($"A path is missing, {Example}"),
            (null, _) => (CheckMethod(method), CheckPath(path)),
            (_, null) when IsPath(first) => path is null ? (CheckMethod(method), first) : throw Refuse(Twice),
            (_, null) when path is not null => method is null ? (CheckMethod(first), CheckPath(path)) : throw Refuse(Twice),
            (_, null) when IsUsual(first) => throw Refuse($"A path is missing after {first}, {Example}"),
            (_, null) => throw Refuse(NoPath(first)),
            _ when IsPath(first) && IsPath(second) => throw Refuse($"There are two paths, \"{first}\" and \"{second}\""),
            _ when IsPath(first) => throw Refuse($"The method comes first, {Example}"),
            _ => method is null && path is null ? (CheckMethod(first), CheckPath(second)) : throw Refuse(Twice),
        };
    }

    private static Uri? FindAddress(string? word) =>
        Uri.TryCreate(word, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static string Advise(Uri url) =>
        $"\"{url.OriginalString}\" is a whole address: write its path and its host apart, as "
        + $"gateway explain GET \"{url.PathAndQuery}\" --host {url.Authority}";

    private static string NoPath(string word) => $"\"{word}\" is no path: one begins with /, {Example}";

    private static string CheckPath(string path) => IsPath(path) ? path : throw Refuse(NoPath(path));

    private static string CheckMethod(string? method) => method is null ? HttpMethods.Get
        : Question.IsMethod(method) ? method : throw Refuse($"\"{method}\" is no method");

    private static bool IsPath(string word) => word.StartsWith('/');

    private static bool IsUsual(string word) => HttpMethods.IsGet(word) || HttpMethods.IsHead(word) || HttpMethods.IsPost(word)
        || HttpMethods.IsPut(word) || HttpMethods.IsPatch(word) || HttpMethods.IsDelete(word) || HttpMethods.IsOptions(word);

    private static WrongUsageException Refuse(string fault) => CommandUsage.Refuse("gateway explain", fault);
}
