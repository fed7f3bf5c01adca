namespace CalendarService.Storage;

/// <summary>
/// The schema's history. Append only: a migration that has been released is never edited, and none removes or
/// renames anything, so that the previous version of the program runs on the schema of the next.
/// </summary>
internal static class Migrations
{
    // TIMESTAMP and JSON stand for the dialect's types. Lists and entry contents are JSON in text columns of our own;
    // only the payload of an intent is JSON to the database too, because operators query it.
    public static readonly IReadOnlyList<string> All =
    [
        """
        CREATE TABLE calendars (
            user_id text NOT NULL,
            id text NOT NULL,
            title text NOT NULL,
            timezone text NOT NULL,
            version bigint NOT NULL,
            latest_run_id text,
            created_at TIMESTAMP NOT NULL,
            updated_at TIMESTAMP NOT NULL,
            PRIMARY KEY (user_id, id)
        );
        CREATE INDEX calendars_by_age ON calendars (user_id, created_at, id);

        CREATE TABLE runs (
            id text PRIMARY KEY,
            user_id text NOT NULL,
            calendar_id text NOT NULL,
            brief text NOT NULL,
            fills boolean NOT NULL,
            status text NOT NULL,
            partial boolean NOT NULL,
            message text,
            entries integer NOT NULL,
            request_id text NOT NULL,
            created_at TIMESTAMP NOT NULL,
            finished_at TIMESTAMP,
            alive_at TIMESTAMP NOT NULL,
            listened_at TIMESTAMP NOT NULL,
            cancel_requested boolean NOT NULL
        );
        CREATE INDEX runs_by_calendar ON runs (user_id, calendar_id, created_at);
        CREATE INDEX runs_running ON runs (alive_at) WHERE status = 'running';

        CREATE TABLE run_events (
            run_id text NOT NULL REFERENCES runs (id),
            seq bigint NOT NULL,
            type text NOT NULL,
            data text NOT NULL,
            PRIMARY KEY (run_id, seq)
        );

        CREATE TABLE entries (
            user_id text NOT NULL,
            calendar_id text NOT NULL,
            id text NOT NULL,
            scheduled_at TIMESTAMP NOT NULL,
            timezone text NOT NULL,
            channels text NOT NULL,
            status text NOT NULL,
            text text NOT NULL,
            link text,
            media_urls text NOT NULL,
            tags text NOT NULL,
            edited_fields text NOT NULL,
            version integer NOT NULL,
            generated text,
            run_id text,
            removed text,
            PRIMARY KEY (user_id, calendar_id, id),
            FOREIGN KEY (user_id, calendar_id) REFERENCES calendars (user_id, id)
        );
        CREATE INDEX entries_by_time ON entries (user_id, calendar_id, scheduled_at, id);

        CREATE TABLE publish_intents (
            id text PRIMARY KEY,
            calendar_id text NOT NULL,
            run_id text,
            user_id text NOT NULL,
            channel text NOT NULL,
            payload JSON NOT NULL,
            status text NOT NULL,
            error text,
            created_at TIMESTAMP NOT NULL
        );
        CREATE INDEX publish_intents_by_age ON publish_intents (user_id, created_at, id);
        CREATE INDEX publish_intents_by_entry ON publish_intents (user_id, calendar_id, (payload->>'entryId'));

        CREATE TABLE idempotency_keys (
            user_id text NOT NULL,
            scope text NOT NULL,
            key text NOT NULL,
            request_hash text NOT NULL,
            answer text NOT NULL,
            created_at TIMESTAMP NOT NULL,
            PRIMARY KEY (user_id, scope, key)
        );
        """,

        // What was planned, from which the moment is derived by the rules that the zone has by now. Rows without it are of a program that
        // did not have it, and so are those whose wall_version is not their version: their scheduled_at counts.
        """
        ALTER TABLE entries ADD COLUMN wall_time text;
        ALTER TABLE entries ADD COLUMN wall_version integer;
        """,

        // A calendar that its asker does not have may be another user's, which the gateway has to know before it asks somebody else.
        """
        CREATE INDEX calendars_by_id ON calendars (id);
        """,
    ];

    public static string For(int number, Dialect dialect) =>
        All[number - 1]
            .Replace(" TIMESTAMP", " " + dialect.TimestampType, StringComparison.Ordinal)
            .Replace(" JSON ", $" {dialect.JsonType} ", StringComparison.Ordinal);
}
