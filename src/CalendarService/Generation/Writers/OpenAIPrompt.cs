using System.Globalization;
using System.Text;
using CalendarService.Channels;

namespace CalendarService.Generation.Writers;

internal static class OpenAIPrompt
{
    public const string Instructions = """
        You write posts for a social media calendar. Answer in JSON Lines: one JSON object on each line, no other
        text, no Markdown, no array around them. An object is
        {"text": "the post", "tags": ["word"], "link": "https://… or null"}
        The lines are the posts in the order of their slots. Write in the language of the brief. Use a link only
        if the brief contains it. Every post goes to all channels, so keep to the tightest of their limits.
        """;

    public static string Question(WritingBrief brief)
    {
        var question = new StringBuilder();
        question.Append(CultureInfo.InvariantCulture, $"Write exactly {PostSlots.Count(brief)} posts: ");
        question.Append(CultureInfo.InvariantCulture, $"{brief.PostsPerDay} a day for {brief.Days} days ");
        question.Append(CultureInfo.InvariantCulture, $"from {brief.StartDate:dddd, yyyy-MM-dd} ({brief.Timezone}).\nChannels:\n");
        foreach (var channel in brief.Channels)
        {
            if (ChannelRules.Find(channel) is { } rules)
                question.Append(CultureInfo.InvariantCulture, $"- {channel}: at most {rules.MaxText} {rules.Unit}\n");
        }

        return question.Append("Brief:\n").Append(brief.Brief).ToString();
    }
}
