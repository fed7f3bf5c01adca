using System.Runtime.CompilerServices;

namespace Harness.Fixtures;

/// <summary>Compiled into each test program, the drill, the rigs and the demo: before anything of them could read a setting.</summary>
internal static class OwnStart
{
    [ModuleInitializer]
    internal static void Enter() => OwnEnvironment.Enter();
}
