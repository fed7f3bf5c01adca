using System.Net;
using System.Text.Json.Nodes;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Export;

/// <summary>
/// The files for other tools' bulk imports, as these tools read them.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class ProfileTests(Databases databases)
{
    private const string Export = "/api/calendar/launch/export?format=csv";

    [Theory]
    [EveryStore]
    public async Task Hootsuite_OfACalendar_IsThisFile(string store)
    {
        await using var service = await StartAsync(
            store,
            Entry("a", "2099-01-05T09:00:00Z", "Hello, \"world\"\nä 😀", link: "https://shop.example/"),
            Entry("b", "2099-07-05T09:02:30Z", "Summer", media: ["https://media.example/1.jpg"]),
            Entry("c", "2099-07-06T09:00:00Z", "Gone out", status: "published"),
            Entry("d", "2099-07-07T09:00:00Z", "", media: ["https://media.example/2.jpg"]));

        var file = await service.GetAsync(Export + "&profile=hootsuite");

        Assert.Equal(
            "01/05/2099 10:00,\"Hello, \"\"world\"\"\nä 😀\",https://shop.example/\r\n"
            + "07/05/2099 11:05,Summer,\r\n",
            file.Text);
        Assert.Equal(
            "timezone=Europe/Berlin, empty-left-out=1, media-left-out=1, published-left-out=1, times-moved=1",
            file.Header("X-Export-Notes"));
        Assert.Equal("text/csv; charset=utf-8; header=absent", file.Content.ContentType?.ToString());
        Assert.Equal("launch-hootsuite.csv", file.Content.ContentDisposition?.FileName?.Trim('"'));
    }

    [Theory]
    [EveryStore]
    public async Task Buffer_OfACalendar_IsThisFile(string store)
    {
        await using var service = await StartAsync(
            store,
            Entry("a", "2099-01-05T09:00:00Z", "Read on", link: "https://shop.example/",
                media: ["https://media.example/1.jpg", "https://media.example/2.jpg"], tags: ["launch", "shop"]),
            Entry("b", "2099-07-05T09:02:30Z", "See https://shop.example/ now", link: "https://shop.example/"),
            Entry("c", "2099-07-06T09:00:00Z", "Gone out", status: "published"),
            Entry("d", "2099-07-07T09:00:00Z", "", media: ["https://media.example/2.jpg"]),
            Entry("e", "2099-07-08T09:00:00Z", ""));

        var file = await service.GetAsync(Export + "&profile=buffer");

        Assert.Equal(
            "Text,Image URL,Tags,Posting Time\r\n"
            + "\"Read on\nhttps://shop.example/\",https://media.example/1.jpg,\"launch,shop\",2099-01-05 10:00\r\n"
            + "See https://shop.example/ now,,,2099-07-05 11:03\r\n"
            + ",https://media.example/2.jpg,,2099-07-07 11:00\r\n",
            file.Text);
        Assert.Equal(
            "timezone=Europe/Berlin, empty-left-out=1, media-left-out=1, published-left-out=1, times-moved=1",
            file.Header("X-Export-Notes"));
        Assert.Equal("text/csv; charset=utf-8; header=present", file.Content.ContentType?.ToString());
    }

    [Fact]
    public async Task Buffer_OfATextWithALongerLink_GetsTheLinkToo()
    {
        await using var service = await StartAsync(
            "sqlite",
            Entry("a", "2099-01-05T09:00:00Z", "See https://shop.example/sale2030", link: "https://shop.example/sale"),
            Entry("b", "2099-01-06T09:00:00Z", "See HTTPS://shop.example/sale/.", link: "https://shop.example/sale"),
            Entry("c", "2099-01-07T09:00:00Z", "a;=1+1\n- b"));

        Assert.Equal(
            "Text,Image URL,Tags,Posting Time\r\n"
            + "\"See https://shop.example/sale2030\nhttps://shop.example/sale\",,,2099-01-05 10:00\r\n"
            + "See HTTPS://shop.example/sale/.,,,2099-01-06 10:00\r\n"
            + "\"a;'=1+1\n'- b\",,,2099-01-07 10:00\r\n",
            (await service.GetAsync(Export + "&profile=buffer")).Text);
    }

    // The tool reads all of them in the one zone of its account.
    [Fact]
    public async Task Times_OfEntriesInSeveralZones_AreOneWallClock()
    {
        await using var service = await StartAsync(
            "sqlite",
            Entry("a", "2099-01-05T09:00:00+09:00", "Tokyo", zone: "Asia/Tokyo"),
            Entry("b", "2099-01-05T09:00:00-05:00", "New York", zone: "America/New_York"));

        Assert.Equal(
            "01/05/2099 01:00,Tokyo,\r\n01/05/2099 15:00,New York,\r\n", (await service.GetAsync(Export + "&profile=hootsuite")).Text);
        var asked = await service.GetAsync(Export + "&profile=hootsuite&timezone=America/New_York");
        Assert.Equal("01/04/2099 19:00,Tokyo,\r\n01/05/2099 09:00,New York,\r\n", asked.Text);
        Assert.Equal("timezone=America/New_York", asked.Header("X-Export-Notes"));
    }

    // 01:58 is two minutes before the clock goes from 02:00 to 03:00: there is no 02:00 that night.
    [Fact]
    public async Task Time_MovedOverAClockChange_IsOneThatTheClockShows()
    {
        await using var service = await StartAsync("sqlite", Entry("a", "2099-03-29T00:58:00Z", "Night"));

        Assert.Equal("03/29/2099 03:00,Night,\r\n", (await service.GetAsync(Export + "&profile=hootsuite")).Text);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("@alice hello")]
    [InlineData("- a list")]
    [InlineData("+49 30")]
    [InlineData("\ttab")]
    public async Task Text_ThatASpreadsheetWouldRun_IsInertAndToldOf(string text)
    {
        await using var service = await StartAsync("sqlite", Entry("a", "2099-01-05T09:00:00Z", text));

        foreach (var (profile, row, column) in new[] { ("hootsuite", 0, 1), ("buffer", 1, 0) })
        {
            var file = await service.GetAsync($"{Export}&profile={profile}");

            Assert.Equal("'" + text, CsvText.Parse(file.Text)[row][column]);
            Assert.Equal("timezone=Europe/Berlin, made-inert=1", file.Header("X-Export-Notes"));
        }
    }

    [Theory]
    [InlineData("&channel=linkedin", "b", "c")]
    [InlineData("&from=2099-01-06", "b", "c")]
    [InlineData("&to=2099-01-06", "a")]
    [InlineData("&from=2099-01-05T23:30:00Z&to=2099-01-06T23:30:00%2B00:00", "b")]
    [InlineData("&from=2099-01-06T00:30:00+01:00&to=2099-01-07", "b")]
    [InlineData("&from=2099-01-07", "c")]
    [InlineData("&channel=x&from=2099-01-06")]
    public async Task Query_ForLess_GetsTheseEntriesInEveryFormat(string query, params string[] entries)
    {
        await using var service = await StartAsync(
            "sqlite",
            Entry("a", "2099-01-05T09:00:00Z", "a", channels: ["x"]),
            Entry("b", "2099-01-05T23:30:00Z", "b", channels: ["linkedin"]),
            Entry("c", "2099-01-06T23:30:00Z", "c", channels: ["linkedin"]));

        var hootsuite = await service.GetAsync($"{Export}&profile=hootsuite{query}");
        var csv = await service.GetAsync(Export + query);
        var json = await service.GetAsync("/api/calendar/launch/export?format=json" + query);

        Assert.Equal(entries, CsvText.Parse(hootsuite.Text).Select(row => row[1]));
        Assert.Equal(entries, CsvText.Parse(csv.Text).Skip(1).Select(row => row[0]));
        Assert.Equal(entries, json.Json["entries"]!.AsArray().Select(entry => (string?)entry!["entryId"]));
    }

    [Theory]
    [InlineData("profile=zapier&format=csv", "unknown-profile", "profile", "hootsuite or buffer")]
    [InlineData("profile=hootsuite&format=json", "profile-needs-csv", "format", "csv")]
    [InlineData("profile=hootsuite&format=xml", "unknown-format", "format", "json or csv")]
    [InlineData("profile=Hootsuite", "unknown-profile", "profile", "hootsuite or buffer")]
    [InlineData("profile=buffer&channel=myspace", "validation", "channel", "linkedin")]
    [InlineData("profile=buffer&timezone=Mars/Olympus", "validation", "timezone", "IANA")]
    [InlineData("format=csv&timezone=Europe/Berlin", "validation", "timezone", "profile")]
    [InlineData("profile=buffer&from=tomorrow", "validation", "from", "date")]
    [InlineData("profile=buffer&to=2099-01-05T09:00:00", "validation", "to", "offset")]
    [InlineData("profile=buffer&to=0001-01-01", "validation", "to", "date")]
    public async Task Query_Faulty_Is400AndSaysWhatIsLegal(string query, string code, string field, string legal)
    {
        await using var service = await StartAsync("sqlite", Entry("a", "2099-01-05T09:00:00Z", "a"));

        var refused = await service.GetAsync("/api/calendar/launch/export?" + query);

        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.Status, refused.Code));
        Assert.Contains(legal, (string?)refused.Json["errors"]![field]![0], StringComparison.Ordinal);
        Assert.Null(refused.Content.ContentDisposition);
    }

    [Fact]
    public async Task Profile_WithoutAFormat_IsCsv()
    {
        await using var service = await StartAsync("sqlite", Entry("a", "2099-01-05T09:00:00Z", "a"));

        Assert.Equal(
            "Text,Image URL,Tags,Posting Time\r\na,,,2099-01-05 10:00\r\n",
            (await service.GetAsync("/api/calendar/launch/export?profile=buffer")).Text);
    }

    [Theory]
    [InlineData("hootsuite", "sqlite")]
    [InlineData("buffer", "postgres")]
    public async Task Calendar_OfMoreRowsThanTheToolTakes_IsRefusedAndGoesInPieces(string name, string store)
    {
        var limit = ExportProfile.Find(name)!.MostRows;
        // Three to an hour, so that a file's end falls between equal times.
        var ids = Enumerable.Range(0, limit * 2).Select(n => $"e{n:0000}").ToArray();
        var start = new DateTimeOffset(2099, 1, 1, 9, 0, 0, TimeSpan.Zero);
        await using var service = await StartAsync(
            store, [.. ids.Select((id, n) => Entry(id, $"{start.AddHours(n / 3):yyyy-MM-ddTHH:mm:ssZ}", id))]);
        var (got, from) = (new List<string>(), "");
        for (var pieces = 0; ; pieces++)
        {
            Assert.True(pieces < 4);
            var file = await service.GetAsync($"{Export}&profile={name}{from}");
            if (file.Status == HttpStatusCode.OK)
            {
                got.AddRange(Texts(file));
                break;
            }

            Assert.Equal((HttpStatusCode.UnprocessableEntity, "too-many-rows", limit), (file.Status, file.Code, (int)file.Json["limit"]!));
            var to = (string?)file.Json["to"];
            file = await service.GetAsync($"{Export}&profile={name}{from}&to={to}");
            Assert.Equal(HttpStatusCode.OK, file.Status);
            got.AddRange(Texts(file));
            from = "&from=" + to;
        }

        Assert.Equal(ids, got);
        // What is left out does not count.
        var most = await service.GetAsync($"{Export}&profile={name}&to={start.AddHours(limit / 3):yyyy-MM-ddTHH:mm:ssZ}");
        Assert.Equal(limit / 3 * 3, Texts(most).Count());

        IEnumerable<string> Texts(Answer file) =>
            CsvText.Parse(file.Text).Skip(name == "buffer" ? 1 : 0).Select(row => row[name == "buffer" ? 0 : 1]);
    }

    private async Task<ServiceHarness> StartAsync(string store, params JsonObject[] entries)
    {
        var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var calendar = new JsonObject { ["title"] = "T", ["timezone"] = "Europe/Berlin", ["entries"] = new JsonArray([.. entries]) };
        var saved = await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", calendar.ToJsonString(), ("If-None-Match", "*"));
        Assert.True(saved.Status == HttpStatusCode.Created, saved.Text);
        return service;
    }

    private static JsonObject Entry(
        string id, string at, string text, string? link = null, string[]? media = null, string[]? tags = null, string[]? channels = null,
        string status = "scheduled", string zone = "Europe/Berlin") => new()
    {
        ["entryId"] = id, ["scheduledAt"] = at, ["timezone"] = zone, ["text"] = text, ["link"] = link, ["status"] = status,
        ["channels"] = Array(channels ?? ["x"]), ["mediaUrls"] = Array(media ?? []), ["tags"] = Array(tags ?? []),
    };

    private static JsonArray Array(string[] items) => [.. items.Select(item => (JsonNode)item)];
}
