namespace Gateway.CommandLine;

/// <summary>A bearer key for a command: in a file or a variable, never in an argument, which every user of the machine can see.</summary>
internal static class KeyFile
{
    /// <param name="variable">Where it stands when there is no file.</param>
    /// <returns>Null when there is neither.</returns>
    /// <exception cref="CommandRefusedException">The file cannot be read.</exception>
    public static string? Read(string? file, string variable)
    {
        if (file is null)
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } key ? key.Trim() : null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandRefusedException("unreadable", $"{file}: {error.Message}");
        }
    }
}
