namespace Gateway.Changes;

/// <summary>One thing that two configurations say differently.</summary>
/// <param name="Kind"><c>flag</c>, <c>cohort</c>, <c>ramp</c>, <c>route</c>, <c>cluster</c> or <c>cors</c>.</param>
/// <param name="Name">Which of them.</param>
/// <param name="Text">The whole of it in words, as <c>canary 20 % → 45 %</c>.</param>
internal sealed record ConfigChange(string Kind, string Name, string Text)
{
    public override string ToString() => Text;
}
