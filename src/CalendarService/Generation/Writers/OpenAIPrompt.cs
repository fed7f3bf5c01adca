using System.Globalization;
using System.Text;

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

    public static string Question(WritingBrief brief, ChannelFit fit)
    {
        var question = new StringBuilder();
        question.Append(CultureInfo.InvariantCulture, $"Write exactly {PostSlots.Count(brief)} posts: ");
        question.Append(CultureInfo.InvariantCulture, $"{brief.PostsPerDay} a day for {brief.Days} days ");
        question.Append(CultureInfo.InvariantCulture, $"from {brief.StartDate:dddd, yyyy-MM-dd} ({brief.Timezone}).\nChannels:\n");
        foreach (var rules in fit.Rules)
            question.Append(CultureInfo.InvariantCulture, $"- {rules.Channel}: at most {rules.MaxText} {rules.Unit}\n");
        return question.Append("Brief:\n").Append(brief.Brief).ToString();
    }
}
