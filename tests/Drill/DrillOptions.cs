namespace Drill;

/// <param name="Monitoring">The folder with the monitoring files as they are shipped.</param>
/// <param name="Patience">For each thing that should happen.</param>
internal sealed record DrillOptions(bool Json, bool Keep, string Monitoring, TimeSpan Patience);

/// <summary>What keeps the drill from being held at all.</summary>
internal sealed class DrillException(string message) : Exception(message);
