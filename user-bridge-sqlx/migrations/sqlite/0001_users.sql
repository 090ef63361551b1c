-- The tables of dullahan-user.
--
-- Times are milliseconds since 1970 in UTC; identifiers are UUIDs of version 7, as 16 bytes.

CREATE TABLE dullahan_users (
    id            BLOB    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    -- What addresses that differ in the case of ASCII letters only have in common.
    email_key     TEXT    NOT NULL,
    display_name  TEXT,
    -- A PHC string.
    password_hash TEXT,
    status        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    -- Where it was registered from, while it is pending.
    registered_from TEXT,
    activated_at  INTEGER
) STRICT, WITHOUT ROWID;

-- Who is pending has not proven the address, and does not hold it.
CREATE UNIQUE INDEX dullahan_users_holding ON dullahan_users (email_key) WHERE status <> 'pending';
CREATE INDEX dullahan_users_by_address ON dullahan_users (email_key);
CREATE INDEX dullahan_users_pending ON dullahan_users (created_at) WHERE status = 'pending';

CREATE TABLE dullahan_sessions (
    id               BLOB    NOT NULL PRIMARY KEY,
    -- The SHA-256 of the token, which itself is stored nowhere.
    token_digest     BLOB    NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    user_id          BLOB    NOT NULL REFERENCES dullahan_users (id) ON DELETE CASCADE,
    transport        TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dullahan_sessions_of_user ON dullahan_sessions (user_id);

CREATE TABLE dullahan_one_time_tokens (
    -- The SHA-256 of the token, which itself is stored nowhere.
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    purpose    TEXT    NOT NULL,
    user_id    BLOB    NOT NULL REFERENCES dullahan_users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dullahan_one_time_tokens_of_user ON dullahan_one_time_tokens (user_id, purpose);

CREATE TABLE dullahan_owed_mails (
    id         BLOB    NOT NULL PRIMARY KEY,
    -- Nobody's where it outlives its account.
    user_id    BLOB REFERENCES dullahan_users (id) ON DELETE CASCADE,
    -- Whose account it was that it outlives.
    former_user_id BLOB,
    -- The language, if not that of the account.
    locale     TEXT,
    kind       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    -- When it may be claimed: at once at first, then when a lease or a pause ends.
    due_at     INTEGER NOT NULL,
    -- How often it was claimed.
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- How often it was asked for again while it was owed or had just been sent.
    asked_again INTEGER NOT NULL DEFAULT 0,
    sent_at    INTEGER
) STRICT, WITHOUT ROWID;

-- A user is owed one mail of a kind at a time.
CREATE UNIQUE INDEX dullahan_owed_mails_unsent ON dullahan_owed_mails (user_id, kind) WHERE sent_at IS NULL;
CREATE INDEX dullahan_owed_mails_of_user ON dullahan_owed_mails (user_id, kind, sent_at);
CREATE INDEX dullahan_owed_mails_due ON dullahan_owed_mails (due_at) WHERE sent_at IS NULL;
