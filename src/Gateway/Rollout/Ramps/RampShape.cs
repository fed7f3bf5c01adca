using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Rollout.Ramps;

/// <summary>What may stand in an entry of <c>Ramps</c>; <see cref="RampChecks"/> knows what a shape cannot say.</summary>
internal static class RampShape
{
    public const string Control = "control";

    /// <summary>Of a gate against control that names no margin of its own.</summary>
    public const double DefaultMargin = 0.01;

    private const double MostRate = 0.5;
    private const int MostSteps = 100;
    private const int MostGates = 16;
    private const int MostTimes = 100;
    private const int MostReceivers = 16;

    // What takes a quarter of an hour in use takes seconds in a demonstration; below one tick of counting there is nothing to see.
    private static readonly JsonShape Bake = Duration(TimeSpan.FromSeconds(10), TimeSpan.FromDays(14));

    private static readonly JsonShape Gate = Object(
        ("Measure", OneOf(RampWords.All<Measure>()).As("What counts as a failure.")),
        ("Than", Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1))
            .As("For slower-than: an answer later than this is a failure.")),
        ("Against", new AgainstShape().As("Users outside the cohort at the same time (control), or a rate that may not be passed.")),
        ("Margin", NumberAbove(0, MostRate).As("For control: by how much the rate of failures may be higher; 0.01 unless it stands here.")),
        ("Decides", JsonShape.Boolean.As("false: measured and shown, and nothing follows."))).Requiring("Measure", "Against");

    private static readonly JsonShape Windows = Object(
        ("Weekly", List(TextThat(WeeklyWindow.Expected, text => WeeklyWindow.Find(text) is not null, WeeklyWindow.Pattern))
            .NotEmpty("at least one window; without Weekly the whole week is one").AtMost(MostTimes)
            .As("Days, and times of the zone's clock; one that ends earlier than it begins ends on the next day.")),
        ("TimeZone", Text.As("An IANA name, as Europe/Berlin.")),
        ("Freezes", List(TextThat(Freeze.Expected, text => Freeze.Find(text, "Etc/UTC") is not null, Freeze.Pattern)).AtMost(MostTimes)
            .As("No steps up from the first to the second."))).Requiring("TimeZone");

    // A receiver's address may be a secret, also under a misspelt key.
    private static readonly JsonShape Ramp = ObjectOfSecrets(
        ("Steps", List(NumberAbove(0, 100)).NotEmpty("at least one percentage").AtMost(MostSteps)
            .As("Percentages, rising: values of DefaultRolloutPercentage.")),
        ("Bake", Bake.As("How long a step is watched at least.")),
        ("Gates", Map(Gate, "a name of 1 to 32 characters: a to z, 0 to 9, -", "^[a-z0-9-]{1,32}$")
            .NotEmpty("at least one gate").AtMost(MostGates).As("What has to come out well before the next step, by name.")),
        ("OnRegression", OneOf(RampWords.All<OnRegression>()).As("When the cohort is worse off: rollback (the default) or pause.")),
        ("RollbackTo", OneOf(RampWords.All<RollbackTo>())
            .As("Where a rollback leads: zero (the default), or proved, the highest step that was proved safe.")),
        ("OnInconclusive", OneOf(RampWords.All<OnInconclusive>()).As("When nothing was proved in time: pause (the default) or continue.")),
        ("Windows", Windows.As("When a step up may be taken; without it: at any time. Steps down never wait.")),
        ("Notify", List(RampReceivers.Shape).AtMost(MostReceivers).As("Webhooks that are told of every step.")))
        .Requiring("Steps", "Bake", "Gates");

    public static JsonShape Shape { get; } = Map(Ramp)
        .As("How percentages rise, and on what evidence, by the cohort's name. Without an entry only people move a cohort.");

    /// <summary>The word <c>control</c> or a rate.</summary>
    private sealed record AgainstShape : JsonShape
    {
        private static readonly JsonShape Word = OneOf(Control);
        private static readonly JsonShape Rate = NumberAbove(0, MostRate);

        private readonly JsonShape _either = TextThat(
            $"\"{Control}\" or {Rate.Wanted}", text => Passes(Word, text) || Passes(Rate, text));

        public override string Wanted => _either.Wanted;

        public override void Check(JsonElement value, string path, FindingList findings) => _either.Check(value, path, findings);

        public override JsonObject ToSchema() => Describe(new() { ["anyOf"] = new JsonArray(Word.ToSchema(), Rate.ToSchema()) });

        private static bool Passes(JsonShape shape, string text) => ((JsonScalar)shape).Legal(text);
    }
}
