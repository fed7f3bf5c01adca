using CalendarService.Storage;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>
/// Each form in which an address of Postgres is written: libpq's URLs and keywords as its documentation has them, and Npgsql's.
/// Holds docs/contract.md section 1: processes and their settings.
/// </summary>
public sealed class PostgresFormsTests
{
    [Theory]
    // The examples of libpq's documentation that name a host.
    [InlineData("postgresql://localhost", "Host=localhost;Port=5432")]
    [InlineData("postgresql://localhost:5433", "Host=localhost;Port=5433")]
    [InlineData("postgresql://localhost/mydb", "Host=localhost;Port=5432;Database=mydb")]
    [InlineData("postgresql://user@localhost", "Host=localhost;Port=5432;Username=user")]
    [InlineData("postgresql://user:secret@localhost", "Host=localhost;Port=5432;Username=user;Password=secret")]
    [InlineData("postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
        "Host=localhost;Port=5432;Username=other;Database=otherdb;Timeout=10;Application Name=myapp")]
    [InlineData("postgresql:///mydb?host=localhost&port=5433", "Host=localhost;Port=5433;Database=mydb")]
    [InlineData("postgresql://[2001:db8::1234]/database", "Host=2001:db8::1234;Port=5432;Database=database")]
    [InlineData("postgresql:///dbname?host=/var/lib/postgresql", "Host=/var/lib/postgresql;Port=5432;Database=dbname")]
    [InlineData("postgresql://%2Fvar%2Flib%2Fpostgresql/dbname", "Host=/var/lib/postgresql;Port=5432;Database=dbname")]
    [InlineData("postgresql://user@localhost:5433/mydb?options=-c%20synchronous_commit%3Doff",
        "Host=localhost;Port=5433;Username=user;Database=mydb;Options=-c synchronous_commit=off")]
    [InlineData("postgres://a@h/d?application_name=a@b", "Host=h;Port=5432;Username=a;Database=d;Application Name=a@b")]
    [InlineData("postgres://h/d?application_name=a@b&user=c", "Host=h;Port=5432;Username=c;Database=d;Application Name=a@b")]
    [InlineData("postgres://a:p@h/d?user=b&password=q%26r&port=5433&dbname=e&host=i",
        "Host=i;Port=5433;Username=b;Password=q&r;Database=e")]
    [InlineData("postgres://h/d?connect_timeout=15", "Host=h;Port=5432;Database=d;Timeout=15")]
    [InlineData("postgres://h/d?hostaddr=192.0.2.7", "Host=192.0.2.7;Port=5432;Database=d")]
    [InlineData("postgres://h/d?sslmode=verify-ca&sslrootcert=/etc/ca.pem&sslcert=c.pem&sslkey=k.pem&sslpassword=w",
        "Host=h;Port=5432;Database=d;SSL Mode=VerifyCA;Root Certificate=/etc/ca.pem;SSL Certificate=c.pem;SSL Key=k.pem;SSL Password=w")]
    [InlineData("postgres://h/d?sslrootcert=system", "Host=h;Port=5432;Database=d;SSL Mode=VerifyFull")]
    [InlineData("postgres://h/d?ssl=true&sslnegotiation=direct", "Host=h;Port=5432;Database=d;SSL Mode=Require;SSL Negotiation=Direct")]
    [InlineData("postgres://h/d?channel_binding=require&gssencmode=disable&require_auth=scram-sha-256,md5",
        "Host=h;Port=5432;Database=d;Channel Binding=Require;GSS Encryption Mode=Disable;Require Auth=ScramSHA256,MD5")]
    [InlineData("postgres://h/d?keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=5",
        "Host=h;Port=5432;Database=d;TCP Keepalive=true;TCP Keepalive Time=30;TCP Keepalive Interval=10")]
    [InlineData("postgres://h/d?passfile=/run/pw&krbsrvname=pg&client_encoding=UTF8&connection_limit=5&pgbouncer=true",
        "Host=h;Port=5432;Database=d;Passfile=/run/pw;Kerberos Service Name=pg;Maximum Pool Size=5")]
    [InlineData("  POSTGRES://a:b@h:6543/d \n", "Host=h;Port=6543;Username=a;Password=b;Database=d")]
    [InlineData("host=localhost port=5432 dbname=a user='b c' password='it\\'s'",
        "Host=localhost;Port=5432;Username=b c;Password=\"it's\";Database=a")]
    [InlineData("password=a;b host = h\n user=c\\ d application_name=''", "Host=h;Port=5432;Username=c d;Password=\"a;b\"")]
    [InlineData("dbname=a host=/tmp", "Host=/tmp;Port=5432;Database=a")]
    [InlineData("Host=h;Password=a b c=d;Username=e", "Host=h;Username=e;Password=\"a b c=d\"")]
    [InlineData("Server=h;User Id=a;Search Path=app", "Host=h;Username=a;Search Path=app")]
    [InlineData("Host=::1;Port=5433", "Host=::1;Port=5433")]
    public void Address_OfAnyForm_MeansWhatItsDocumentationSays(string text, string means) =>
        Assert.Equal(Pairs(Parse(means).ConnectionString), Pairs(Parse(text).ConnectionString));

    [Theory]
    [InlineData("postgres://ada:p@ss@h/d", "p@ss")]
    [InlineData("postgres://ada:p/w?x#y@h/d", "p/w?x#y")]
    [InlineData("postgres://ada:100%@h/d", "100%")]
    [InlineData("postgres://ada:p%zz%40@h/d?sslmode=disable", "p%zz@")]
    [InlineData("postgres://ada:a:b:c@h:5433/d", "a:b:c")]
    [InlineData("postgres://ada:p@x?y=z@h/d?application_name=a@b", "p@x?y=z")]
    [InlineData("postgres://ada:12/34@h/d", "12/34")]
    [InlineData("postgres://ada:pä ß'\"\\@h/d", "pä ß'\"\\")]
    public void Url_PasswordPastedInRaw_IsTheWholePassword(string url, string password)
    {
        var builder = new NpgsqlConnectionStringBuilder(Parse(url).ConnectionString);

        Assert.Equal(("ada", password, "h", "d"), (builder.Username, builder.Password, builder.Host, builder.Database));
    }

    [Theory]
    [InlineData("postgres://u@a,b/d?target_session_attrs=read-write", "a:5432,b:5432", TargetSessionAttributes.ReadWrite)]
    [InlineData("postgres://u@a:1,[::1]:2/d?target_session_attrs=primary", "a:1,[::1]:2", TargetSessionAttributes.Primary)]
    [InlineData("postgres:///d?host=a,b&port=1,2", "a:1,b:2", null)]
    [InlineData("host=a,b port=7 target_session_attrs=any", "a:7,b:7", TargetSessionAttributes.Any)]
    [InlineData("Host=a:1,b;Target Session Attributes=read-write", "a:1,b", TargetSessionAttributes.ReadWrite)]
    public void SeveralHosts_WithTheRightOneToFind_AreAllAsked(string text, string hosts, TargetSessionAttributes? session)
    {
        var address = Parse(text);

        Assert.Equal((hosts, session), (new NpgsqlConnectionStringBuilder(address.ConnectionString).Host, address.Session));
    }

    [Theory]
    [InlineData("postgres://h/d", 2)]
    [InlineData("postgres://h/d?connect_timeout=15", 15)]
    [InlineData("Host=h;Timeout=15", 15)]
    [InlineData("host=h connect_timeout=30", 30)]
    public void Timeout_ThatIsGiven_IsKept(string text, int seconds) =>
        Assert.Equal(seconds, new NpgsqlConnectionStringBuilder(Parse(text).ConnectionString).Timeout);

    [Fact]
    public void OneHost_WithTargetSessionAttrs_IsLeftToTheProbe() =>
        Assert.Null(Parse("postgres://u@a/d?target_session_attrs=read-write").Session);

    [Theory]
    [InlineData("postgres://h/d?nonsense=1", "the parameter nonsense is not known")]
    [InlineData("postgres://h/d?sslmodee=require", "the parameter sslmodee is not known")]
    [InlineData("postgres://u:p@h/d?service=x", "the parameter service is not supported")]
    [InlineData("host=h servicefile=x", "the parameter servicefile is not supported")]
    [InlineData("host=h hots=x", "the parameter hots is not known")]
    [InlineData("Host=h;Hots=x", "no parameter hots")]
    [InlineData("Host=h;SSL Mode=sometimes", "ssl mode")]
    [InlineData("Host=h;Port=x", "port")]
    [InlineData("Host=h;Port=70000", "port")]
    [InlineData("Host=h:x;Username=a", "port")]
    [InlineData("Host=h;Minimum Pool Size=5;Maximum Pool Size=2", "go together")]
    [InlineData("postgres://h/d?sslmode=maybe", "sslmode is not one of disable, allow, prefer, require, verify-ca, verify-full")]
    [InlineData("postgres://h/d?connect_timeout=soon", "connect_timeout")]
    [InlineData("postgres://h/d?keepalives=2", "keepalives")]
    [InlineData("postgres://h/d?channel_binding=x", "channel_binding")]
    [InlineData("postgres://h/d?gssencmode=x", "gssencmode")]
    [InlineData("postgres://h/d?require_auth=x", "require_auth")]
    [InlineData("postgres://h/d?client_encoding=latin1", "client_encoding")]
    [InlineData("postgres://h/d?sslrootcert=system&sslmode=require", "sslrootcert")]
    [InlineData("postgres://h/d?hostaddr=192.0.2.7&sslmode=verify-full", "hostaddr")]
    [InlineData("postgres://h/d?target_session_attrs=standby", "target_session_attrs")]
    [InlineData("Host=a,b;Target Session Attributes=standby", "Target Session Attributes")]
    [InlineData("postgres://h/d?application_name=%00", "application_name")]
    [InlineData("postgres://a,b/d?port=1,2,3", "port")]
    [InlineData("postgres:///d", "the host is missing")]
    [InlineData("postgres://", "the host is missing")]
    [InlineData("postgres://a,,b/d", "the host is missing")]
    [InlineData("postgres://h:0/d", "port")]
    [InlineData("postgres://postgres:pw%40HOST:5432/db", "host")]
    [InlineData("postgres://[::1/d", "host")]
    [InlineData("postgresql://postgres:p@ss/7f31%40HOST:5432/db", "where the URL's password ends")]
    [InlineData("postgres://h/a/b", "where the URL's password ends")]
    [InlineData("mysql://h/d", "scheme")]
    [InlineData("postgresql+psycopg://h/d", "scheme")]
    [InlineData("jdbc:postgresql://h/d", "= after its name")]
    [InlineData("host=h password='x", "quote")]
    [InlineData("dbname=a", "the host is missing")]
    [InlineData("h", "= after its name")]
    public void Address_ThatCannotBeMeant_NamesThePart(string text, string part)
    {
        Assert.False(StoreAddress.TryParse(text, "x", out _, out var fault));
        Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_ThatChangeNothing_AreNamedForTheLog() =>
        Assert.Equal(["keepalives_count", "pgbouncer"], Parse("postgres://h/d?pgbouncer=true&keepalives_count=3&sslsni=1").Ignored);

    private static StoreAddress Parse(string text)
    {
        Assert.True(StoreAddress.TryParse(text, "x", out var address, out var fault), fault);
        return address;
    }

    private static string[] Pairs(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return [.. builder.Keys.Cast<string>().Select(name => $"{name}={builder[name]}").Order(StringComparer.Ordinal)];
    }
}
