using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Rollout.Files;

/// <summary>A member of an object, by its places in the file.</summary>
/// <param name="ValueEnd">After its last byte.</param>
/// <param name="IsText">The value stands in quotes, which are counted with it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RolloutMember(string Key, int KeyStart, int ValueStart, int ValueEnd, bool IsText);

/// <summary>
/// The members of one object of a <c>rollout.json</c> without errors: a key stands once then, in whatever case, and escapes in it are read
/// as what they mean.
/// </summary>
internal sealed class RolloutMembers
{
    private readonly List<RolloutMember> _members = [];

    private RolloutMembers(int start) => Start = start;

    /// <summary>Where the object's brace stands.</summary>
    public int Start { get; }

    /// <summary>After which another member may come: a flag's name, else the last one; null in an empty object.</summary>
    public RolloutMember? Neighbour => Find("id") ?? (_members.Count == 0 ? null : _members[^1]);

    public static RolloutMembers OfCohort(byte[] file, string name)
    {
        var mark = LengthOfMark(file);
        var reader = new Utf8JsonReader(file.AsSpan(mark), ConfigJson.ReaderOptions);
        reader.Read();
        // Sections are named without regard to case, as configuration does; a cohort's name is compared letter by letter.
        Enter(ref reader, "Cohorts", StringComparison.OrdinalIgnoreCase);
        Enter(ref reader, name, StringComparison.Ordinal);
        return Read(ref reader, mark);
    }

    /// <param name="index">Which of the flags it is.</param>
    public static RolloutMembers OfFlag(byte[] file, string name, out int index)
    {
        var mark = LengthOfMark(file);
        var reader = new Utf8JsonReader(file.AsSpan(mark), ConfigJson.ReaderOptions);
        reader.Read();
        foreach (var section in RolloutFile.FlagsPath.Split(':'))
            Enter(ref reader, section, StringComparison.OrdinalIgnoreCase);
        for (index = 0; reader.Read() && reader.TokenType == JsonTokenType.StartObject; index++)
        {
            var flag = Read(ref reader, mark);
            if (flag.Find("id") is { } id && TextOf(file, id) == name)
                return flag;
        }

        throw new InvalidOperationException($"no flag {name}, which was read of the same bytes");
    }

    public RolloutMember? Find(string key)
    {
        foreach (var member in _members)
        {
            if (member.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                return member;
        }

        return null;
    }

    private static int LengthOfMark(byte[] file) => file.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>Leaves the reader at the value of a key of the object that it stands at.</summary>
    private static void Enter(ref Utf8JsonReader reader, string key, StringComparison comparison)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.GetString()!.Equals(key, comparison);
            reader.Read();
            if (found)
                return;
            reader.Skip();
        }

        throw new InvalidOperationException($"no key {key}, which was read of the same bytes");
    }

    /// <summary>Leaves the reader at the end of the object that it stands at.</summary>
    private static RolloutMembers Read(ref Utf8JsonReader reader, int mark)
    {
        var members = new RolloutMembers((int)reader.TokenStartIndex + mark);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (key, keyStart) = (reader.GetString()!, (int)reader.TokenStartIndex + mark);
            reader.Read();
            var (valueStart, isText) = ((int)reader.TokenStartIndex + mark, reader.TokenType == JsonTokenType.String);
            reader.Skip();
            members._members.Add(new(key, keyStart, valueStart, (int)reader.BytesConsumed + mark, isText));
        }

        return members;
    }

    /// <summary>As configuration reads it, which takes a number for a text.</summary>
    private static string TextOf(byte[] file, RolloutMember member)
    {
        using var value = JsonDocument.Parse(file.AsMemory(member.ValueStart, member.ValueEnd - member.ValueStart));
        return value.RootElement.ToString();
    }
}
