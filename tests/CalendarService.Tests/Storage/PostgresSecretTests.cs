using System.Text.RegularExpressions;
using CalendarService.Storage;

namespace CalendarService.Tests.Storage;

/// <summary>
/// Whatever an address looks like, no piece of a password comes out: not in the refusal, not in the store's description, not in the text of
/// an error. Holds docs/contract.md section 8: logs.
/// </summary>
public sealed class PostgresSecretTests
{
    private static readonly string[] Passwords =
    [
        "Canary7", "Canary7@Tail8", "Canary7:Tail8", "Canary7/Tail8", "Canary7?Tail8=x", "Canary7%40Tail8", "Canary7 Tail8",
        "Canary7;Tail8=x", "Canary7'Tail8", "Canary7\"Tail8", "Canary7\\Tail8", "Canary7#Tail8", "Canary7&Tail8=y", "Canary7=Tail8",
        "Canary7,Tail8", "Canary7%2FTail8", "Canary7%", "Canary7[Tail8]", "Canary7@Tail8/x?y=z", "@Canary7", ":Canary7", "/Canary7",
        "Canary7\nTail8=1",
    ];

    // P is the password as it is, E escaped for a URL, A with its @ escaped.
    private static readonly string[] Forms =
    [
        "postgresql://postgres:P@db.example:5432/app", "postgresql://postgres:E@db.example/app",
        "postgresql://postgres:P%40db.example:5432/app", "postgresql://postgres:A%40HOST:5432/db", "postgresql://postgres:P@:5432/app",
        "postgresql://postgres:P@/app", "postgresql://postgres:P", "postgresql://postgres:P@db.example:99999/app",
        "postgresql://postgres:P@db.example:/app?port=x", "postgresql://P@db.example:1:2/app", "postgresql://db.example:P/app",
        "postgresql://db.example/app?password=P", "postgresql://db.example/app?password=P&sslmode=maybe",
        "postgresql://db.example/app?password=P&nonsense=1", "postgresql://postgres:P@db.example/app?sslmode=P",
        "mysql://root:P@db.example/app", "postgresql+asyncpg://postgres:P@db.example/app",
        "jdbc:postgresql://db.example/app?user=a&password=P", "postgresql:/postgres:P@db/app", "postgresql//postgres:P@db/app",
        "postgres:P@db/app", "\"postgresql://postgres:P@db.example/app\"", "host=db.example user=postgres password=P",
        "host=db.example user=postgres password='P'", "host=db.example password=P port=x", "host=db.example password=P nonsense=1",
        "host=P dbname=a hots=1", "password=P host=db.example:x", "user=postgres password=P", "host=db.example,password=P",
        "Host=db.example;Password=P;Username=postgres", "Host=db.example Password=P", "Host=db.example;Pasword=P",
        "Host=db.example;Password=P;SSL Mode=sometimes", "Host=db.example;Password=P;Nonsense=1", "Host=db.example;Port=P;Username=a",
        "Host=;Password=P", "Password=P", "Host=db.example:P;Username=a", "Host=postgres:P@db.example;Database=app",
        "Data Source=;Password=P", "Data Source=Password=P", "P", "PGPASSWORD=P", "psql -h db.example -W P",
        "User ID=postgres;Password=P;Server=db.example;Prt=1",
    ];

    [Fact]
    public void Address_OfAnyFormWithAnyPassword_ShowsNoPieceOfIt()
    {
        foreach (var form in Forms)
        {
            foreach (var password in Passwords)
            {
                var text = form.Replace("P@", password + "@", StringComparison.Ordinal)
                    .Replace("P%40", password + "%40", StringComparison.Ordinal)
                    .Replace(":E@", $":{Uri.EscapeDataString(password)}@", StringComparison.Ordinal)
                    .Replace(":A%", $":{password.Replace("@", "%40", StringComparison.Ordinal)}%", StringComparison.Ordinal);
                text = ReplaceWord(text, password);
                var legal = StoreAddress.TryParse(text, "/tmp/x.db", out var address, out var fault);
                AssertHidden(text, legal ? address!.Redact(ErrorsAbout(address.ConnectionString)) : fault!);
            }
        }
    }

    [Theory]
    [InlineData("postgresql://postgres:secret@db.example/app")]
    [InlineData("host=db.example user=postgres password=secret dbname=app")]
    public void Errors_AboutAPart_NameThePart(string text)
    {
        Assert.True(StoreAddress.TryParse(text, "x", out var address, out _));

        Assert.Equal(
            "user {user} of \"{database}\" at {host}:5432, {password}, application, not 127.0.0.1",
            address.Redact("user postgres of \"app\" at db.example:5432, secret, application, not 127.0.0.1"));
    }

    private static string ReplaceWord(string text, string password) =>
        Regex.Replace(text, "(?<![A-Za-z])P(?![A-Za-z])", _ => password);

    // What a library may say: each value of the address, in a sentence of its own.
    private static string ErrorsAbout(string connectionString)
    {
        var builder = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        return $"no host '{builder.Host}', role \"{builder.Username}\", database \"{builder.Database}\"; {builder.Password} is wrong";
    }

    private static void AssertHidden(string address, string shown) => Assert.False(
        shown.Contains("Canary7", StringComparison.OrdinalIgnoreCase) || shown.Contains("Tail8", StringComparison.OrdinalIgnoreCase),
        $"{address} shows {shown}");
}
