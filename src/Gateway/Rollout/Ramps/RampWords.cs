using System.Text.Json;

namespace Gateway.Rollout.Ramps;

/// <summary>The words of the file are the members' names: <c>stream-failed</c> for <see cref="Measure.StreamFailed"/>.</summary>
internal static class RampWords
{
    public static string[] All<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Of)];

    public static string Of<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(member.ToString());

    /// <param name="word">In any case; null when it is none of them.</param>
    public static T? Find<T>(string? word)
        where T : struct, Enum
    {
        foreach (var member in Enum.GetValues<T>())
        {
            if (Of(member).Equals(word, StringComparison.OrdinalIgnoreCase))
                return member;
        }

        return null;
    }
}
