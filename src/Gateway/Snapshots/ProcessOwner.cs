using System.Runtime.InteropServices;

namespace Gateway.Snapshots;

/// <summary>As whom this process reads files.</summary>
internal static class ProcessOwner
{
    /// <summary>With the number, which is what <c>ls -n</c> and a container's <c>user</c> say: there a name is often missing.</summary>
    public static string Describe() => Environment.UserName is { Length: > 0 } name
        ? FormattableString.Invariant($"user {name} (uid {GetEffectiveUserId()})")
        : FormattableString.Invariant($"uid {GetEffectiveUserId()}");

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUserId();
}
