namespace CalendarService.Configuration;

internal sealed class InvalidConfigurationException(IReadOnlyList<string> faults)
    : Exception($"{faults.Count} fault(s) in the configuration:\n  " + string.Join("\n  ", faults));
