using System.Runtime.InteropServices;

namespace Gateway.Exchanges;

/// <summary>
/// To which arm of a rollout a request belongs: by what its caller was assigned, whatever became of it. Callers whom something else than
/// chance has placed belong to none: listed users and groups, and who has no name.
/// </summary>
/// <param name="Bucket">The caller's place in the cohort, in [0, 100): the same on every gateway, and of hardly anybody else.</param>
/// <param name="IsCanary">In the arm of the new service; else in that of what it replaces.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Assignment(double Bucket, bool IsCanary);
