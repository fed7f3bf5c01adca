namespace SystemTests.Fixtures;

/// <summary>The alerts of tests and drills reach no pager, whoever an operator has put into <c>alertmanager.yml</c>.</summary>
public sealed class OwnReceiversTests
{
    private const string Operators = """
        # Edited.
        global:
          slack_api_url: 'https://hooks.slack.example/secret'
          http_config: { proxy_url: 'http://192.0.2.1:3128' }
        templates: ['/etc/alertmanager/*.tmpl']
        route:
          receiver: chat # Not yet named here: receivers:
          routes: [{ receiver: pager, matchers: [severity="critical"] }]

        receivers:
          - name: pager
            pagerduty_configs: [{ routing_key: secret, url: 'https://events.pager.example' }]
            webhook_configs:
              - url: 'http://127.0.0.1:9911/pager'
          # Somebody's room.
          - name: 'chat'
            slack_configs: [{ channel: '#ops' }]
          - { name: watchdog, webhook_configs: [{ url: 'https://deadman.example' }] }
        inhibit_rules:
          - source_matchers: [severity="critical"]
            target_matchers: [severity="warning"]
        """;

    [Fact]
    public void Receivers_OfAnOperator_AreOursByTheSameNames()
    {
        var ours = OwnReceivers.Replace(Operators, "http://127.0.0.1:4711");

        Assert.DoesNotContain("example", ours, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.1", ours, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ours, StringComparison.Ordinal);
        Assert.DoesNotContain("9911", ours, StringComparison.Ordinal);
        Assert.All((string[])["pager", "chat", "watchdog"], name => Assert.Contains(
            $"- name: {name}\n    webhook_configs: [{{ url: 'http://127.0.0.1:4711/{name}'", ours, StringComparison.Ordinal));
        Assert.Contains("source_matchers", ours, StringComparison.Ordinal);
        Assert.Contains("routes: [{ receiver: pager", ours, StringComparison.Ordinal);
    }
}
