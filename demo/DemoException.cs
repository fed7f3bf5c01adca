namespace Demo;

/// <summary>What keeps the demo from running, in sentences for who started it.</summary>
internal sealed class DemoException(string message) : Exception(message);
