namespace CalendarService.Generation.Writers;

/// <summary>The built-in writer's turns of phrase. They fit one thing and several, since nobody knows what a brief speaks of.</summary>
internal static class BuiltInPhrases
{
    internal readonly record struct Words(string Subject, string First, string Second, string Weekday);

    public static readonly Func<Words, string>[] Bodies =
    [
        w => $"{w.Subject}. Today: what to know about {w.First}.",
        w => $"A question for {w.Weekday}: what do you look for in {w.First}?",
        w => $"Behind the scenes: how we think about {w.First} and {w.Second}.",
        w => $"Three things about {w.First} worth knowing this {w.Weekday}. Number one: start with {w.Second}.",
        w => $"Myth: there is no easy way into {w.First}. There is. {w.Subject}.",
        w => $"Tip of the day: look at {w.Second} first, then at {w.First}.",
        w => $"{w.Weekday} check-in: how far have you come with {w.First}?",
        w => $"What is rarely said about {w.First}: it comes down to {w.Second}.",
        w => $"A small story. It began with {w.First}, and it led here: {w.Subject}.",
        w => $"Quick poll for {w.Weekday}: {w.First} or {w.Second}?",
        w => $"Thank you for all the questions about {w.First}. The short answer: {w.Second}.",
        w => $"Save this for later: {w.First} in one line. It starts with {w.Second}.",
        w => $"Then and now: a look back at {w.First}, and ahead to {w.Second}.",
    ];

    public static readonly string[] Closers =
    [
        "", " Tell us what you think.", " Share it with somebody who needs it.", " More soon.", " What would you add?",
    ];
}
