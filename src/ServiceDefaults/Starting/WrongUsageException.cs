namespace ServiceDefaults.Starting;

/// <summary>The command line cannot be meant as it was typed.</summary>
/// <param name="message">Whole sentences: what is wrong, and how it is typed right.</param>
public sealed class WrongUsageException(string message) : Exception(message);
