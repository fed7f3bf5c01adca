namespace Gateway.Tests.Wire;

internal static class WireCorpus
{
    public static IReadOnlyList<WireCase> All { get; } = [.. FramingCases.All, .. HeaderCases.All, .. TargetCases.All];
}
