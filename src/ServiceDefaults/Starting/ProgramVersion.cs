using System.Reflection;

namespace ServiceDefaults.Starting;

/// <summary>The version that Directory.Build.props gives every assembly, and the commit that it was built from where git knew it.</summary>
public static class ProgramVersion
{
    /// <summary>One build makes every assembly of a program, so this one's version is the program's.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Without the commit.</summary>
    public static string Number { get; } = Text.Split('+')[0];

    /// <summary>The commit's hash; <c>unknown</c> of what was built outside a git checkout.</summary>
    public static string Revision { get; } = Text.Split('+', 2) is [_, { Length: > 0 } revision] ? revision : "unknown";
}
