-- What users do about their accounts. It only adds, so programs that know version 1 alone go on.

ALTER TABLE dullahan_users ADD COLUMN locale TEXT;
-- Until when its owner can come back, where it is closed.
ALTER TABLE dullahan_users ADD COLUMN closed_until INTEGER;

CREATE INDEX dullahan_users_closed ON dullahan_users (closed_until) WHERE closed_until IS NOT NULL;

-- What the session began on.
ALTER TABLE dullahan_sessions ADD COLUMN user_agent TEXT;
ALTER TABLE dullahan_sessions ADD COLUMN address TEXT;

CREATE INDEX dullahan_sessions_ending ON dullahan_sessions (expires_at);
CREATE INDEX dullahan_sessions_seen ON dullahan_sessions (last_seen_at);

CREATE TABLE dullahan_email_changes (
    id         BLOB    NOT NULL PRIMARY KEY,
    -- A user has one at a time.
    user_id    BLOB    NOT NULL UNIQUE REFERENCES dullahan_users (id) ON DELETE CASCADE,
    -- What the address is to become.
    email      TEXT    NOT NULL,
    confirmed_by_current INTEGER NOT NULL CHECK (confirmed_by_current IN (0, 1)),
    confirmed_by_new     INTEGER NOT NULL CHECK (confirmed_by_new IN (0, 1)),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dullahan_email_changes_ending ON dullahan_email_changes (expires_at);

ALTER TABLE dullahan_one_time_tokens
    ADD COLUMN email_change_id BLOB REFERENCES dullahan_email_changes (id) ON DELETE CASCADE;

CREATE INDEX dullahan_one_time_tokens_of_email_change
    ON dullahan_one_time_tokens (email_change_id) WHERE email_change_id IS NOT NULL;
CREATE INDEX dullahan_one_time_tokens_ending ON dullahan_one_time_tokens (expires_at);

-- Where it goes, if not to the address of the user.
ALTER TABLE dullahan_owed_mails ADD COLUMN recipient TEXT;
ALTER TABLE dullahan_owed_mails ADD COLUMN recipient_key TEXT;
ALTER TABLE dullahan_owed_mails
    ADD COLUMN email_change_id BLOB REFERENCES dullahan_email_changes (id) ON DELETE CASCADE;
-- Whether it was given up. Then `sent_at` is when, so that a program that knows version 1 alone leaves it alone.
ALTER TABLE dullahan_owed_mails ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0 CHECK (given_up IN (0, 1));
-- Whether it was counted for its mailbox, which had not had too many.
ALTER TABLE dullahan_owed_mails ADD COLUMN admitted INTEGER NOT NULL DEFAULT 0 CHECK (admitted IN (0, 1));

CREATE INDEX dullahan_owed_mails_of_email_change
    ON dullahan_owed_mails (email_change_id) WHERE email_change_id IS NOT NULL;
CREATE INDEX dullahan_owed_mails_sent ON dullahan_owed_mails (sent_at) WHERE sent_at IS NOT NULL;

-- What visitors without a session ask for, by addresses that may be anybody's.
CREATE TABLE dullahan_mail_requests (
    id           INTEGER NOT NULL PRIMARY KEY,
    email        TEXT    NOT NULL,
    email_key    TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    UNIQUE (email_key, kind)
) STRICT;

CREATE INDEX dullahan_mail_requests_in_order ON dullahan_mail_requests (requested_at, id);

CREATE TABLE dullahan_attempts (
    -- The SHA-256 of what is tried and by whom.
    digest   BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    -- How many there were since the first one, with those that were refused.
    attempts INTEGER NOT NULL,
    -- When counting begins anew.
    over_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dullahan_attempts_ending ON dullahan_attempts (over_at);
