using CalendarService.Storage;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("postgres://ada:p%40ss%2Fw%23rd%3A1@db.example:6543/postgres?sslmode=require", "ada", "p@ss/w#rd:1", "db.example", 6543,
        "postgres")]
    [InlineData("postgresql://ada:p@ss/w#rd@db.example/app", "ada", "p@ss/w#rd", "db.example", 5432, "app")]
    [InlineData("postgres://postgres.ref%2B1:secret@[::1]:5433/app?pgbouncer=true", "postgres.ref+1", "secret", "::1", 5433, "app")]
    [InlineData("postgresql://ada@db.example/m%C3%BCll", "ada", null, "db.example", 5432, "müll")]
    public void Url_OfAnyPassword_IsUnderstood(string url, string user, string? password, string host, int port, string database)
    {
        var builder = Parse(url);

        Assert.Equal((user, password, host, port, database),
            (builder.Username, builder.Password, builder.Host, builder.Port, builder.Database));
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void Url_WithSslMode_KeepsIt(string word, SslMode mode) =>
        Assert.Equal(mode, Parse($"postgres://a:b@h/d?sslmode={word}").SslMode);

    [Fact]
    public void Postgres_BehindATransactionPooler_KeepsNothingInTheSession()
    {
        var builder = Parse("Host=h;Username=a;Database=d;Max Auto Prepare=20;Multiplexing=true");

        Assert.True(builder.NoResetOnClose);
        Assert.Equal(0, builder.MaxAutoPrepare);
        Assert.False(builder.Multiplexing);
    }

    [Theory]
    [InlineData("postgres://ada:hunter22@db:99999/app", "port")]
    [InlineData("postgres://ada:hunter22@/app", "host")]
    [InlineData("postgres://ada:hunter22@db/app?sslmode=maybe", "sslmode")]
    [InlineData("Host=;Password=hunter22", "host")]
    [InlineData("Hots=db;Password=hunter22", "connection string")]
    [InlineData("Data Source=", "Data Source")]
    public void Address_Faulty_NamesThePartAndNotThePassword(string text, string part)
    {
        Assert.False(StoreAddress.TryParse(text, "/tmp/x.db", out _, out var fault));
        Assert.Contains(part, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_Unset_IsTheEmbeddedStore()
    {
        Assert.True(StoreAddress.TryParse(null, "/tmp/x.db", out var address, out _));
        Assert.Equal((StoreKind.Sqlite, "/tmp/x.db"), (address.Kind, address.ConnectionString));
    }

    [Fact]
    public void Description_OfPostgres_HasNoSecret()
    {
        Assert.True(StoreAddress.TryParse("postgres://ada:hunter22@db/app", "x", out var address, out _));
        Assert.Equal("postgres db:5432/app", address.Description);
    }

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        Assert.True(StoreAddress.TryParse(text, "x", out var address, out var fault), fault);
        return new NpgsqlConnectionStringBuilder(address.ConnectionString);
    }
}
