namespace ServiceDefaults.Options;

/// <summary>What is wrong with one options section, all of it.</summary>
public sealed class OptionFaults(string section)
{
    public IReadOnlyList<string> All => _all;

    private readonly List<string> _all = [];

    public void Require(bool legal, string key, string value, string expected)
    {
        if (!legal)
            _all.Add($"{section}:{key}: \"{value}\", expected {expected}");
    }

    public void Within<T>(string key, T value, T min, T max)
        where T : IComparable<T>, IFormattable =>
        Require(
            value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, key, value.ToString(null, null), $"from {min} to {max}");
}
