using ServiceDefaults.Logging;

namespace Gateway.Tests.Logs;

/// <summary>Holds docs/contract.md section 8: logs.</summary>
public sealed class LogRedactionTests
{
    [Theory]
    [InlineData("GET http://h/p?token=secret HTTP/1.1", "GET http://h/p?… HTTP/1.1")]
    [InlineData("{\"uri\":\"http://h/p?a=b&c=d\"}", "{\"uri\":\"http://h/p?…\"}")]
    [InlineData("cannot reach postgres://me:s:e@cret@host/db", "cannot reach postgres://…@host/db")]
    [InlineData("user@example.org asks: who?", "user@example.org asks: who?")]
    [InlineData("nothing to hide", "nothing to hide")]
    public void Apply_QueriesAndCredentials_AreTakenOut(string text, string expected) => Assert.Equal(expected, LogRedaction.Apply(text));

    [Theory]
    [InlineData("Invalid request line: 'GET /it's HTTP/1.1\\x0D'", "Invalid request line: '…'")]
    [InlineData("invalid input syntax for type uuid: \"secret\"\n   at X", "invalid input syntax for type uuid: '…'\n   at X")]
    [InlineData("Connection id \"0HN\" bad request data: \"Bad: 'x'\"", "Connection id \"0HN\" bad request data: '…'")]
    public void ApplyToForeign_WhatIsQuoted_IsTakenOut(string text, string expected) =>
        Assert.Equal(expected, LogRedaction.ApplyToForeign(text));
}
