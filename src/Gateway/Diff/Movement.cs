namespace Gateway.Diff;

/// <summary>Users for whom the same changes on the same requests.</summary>
/// <param name="From">The backend that answers them now.</param>
/// <param name="Was">Why it does.</param>
/// <param name="FromAddresses">Where it is.</param>
internal sealed class Movement(
    string from, string was, string fromAddresses, string to, string becomes, string toAddresses, int populations)
{
    public string From => from;

    public string Was => was;

    public string FromAddresses => fromAddresses;

    public string To => to;

    public string Becomes => becomes;

    public string ToAddresses => toAddresses;

    /// <summary>Another backend answers; otherwise the same one does, by another route or at another address.</summary>
    public bool IsMove => from != to;

    public bool IsReaddressed => from == to && fromAddresses != toAddresses;

    /// <summary>Some by name; as many as were asked for.</summary>
    public List<string> Users { get; } = [];

    public int Count { get; set; }

    public bool IsAnonymousToo { get; set; }

    /// <summary>Of each population of made-up users, how many.</summary>
    public int[] Samples { get; } = new int[populations];
}
