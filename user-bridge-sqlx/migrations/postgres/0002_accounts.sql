-- What users do about their accounts. It only adds, so programs that know version 1 alone go on.

ALTER TABLE dullahan_users ADD COLUMN locale TEXT;
-- Until when its owner can come back, where it is closed.
ALTER TABLE dullahan_users ADD COLUMN closed_until TIMESTAMPTZ;

CREATE INDEX dullahan_users_closed ON dullahan_users (closed_until) WHERE closed_until IS NOT NULL;

-- What the session began on.
ALTER TABLE dullahan_sessions ADD COLUMN user_agent TEXT;
ALTER TABLE dullahan_sessions ADD COLUMN address TEXT;

CREATE INDEX dullahan_sessions_ending ON dullahan_sessions (expires_at);
CREATE INDEX dullahan_sessions_seen ON dullahan_sessions (last_seen_at);

CREATE TABLE dullahan_email_changes (
    id         UUID        NOT NULL PRIMARY KEY,
    -- A user has one at a time.
    user_id    UUID        NOT NULL UNIQUE REFERENCES dullahan_users (id) ON DELETE CASCADE,
    -- What the address is to become.
    email      TEXT        NOT NULL,
    confirmed_by_current BOOLEAN NOT NULL,
    confirmed_by_new     BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX dullahan_email_changes_ending ON dullahan_email_changes (expires_at);

ALTER TABLE dullahan_one_time_tokens
    ADD COLUMN email_change_id UUID REFERENCES dullahan_email_changes (id) ON DELETE CASCADE;

CREATE INDEX dullahan_one_time_tokens_of_email_change
    ON dullahan_one_time_tokens (email_change_id) WHERE email_change_id IS NOT NULL;
CREATE INDEX dullahan_one_time_tokens_ending ON dullahan_one_time_tokens (expires_at);

-- Where it goes, if not to the address of the user.
ALTER TABLE dullahan_owed_mails ADD COLUMN recipient TEXT;
ALTER TABLE dullahan_owed_mails ADD COLUMN recipient_key TEXT;
ALTER TABLE dullahan_owed_mails
    ADD COLUMN email_change_id UUID REFERENCES dullahan_email_changes (id) ON DELETE CASCADE;
-- Whether it was given up. Then `sent_at` is when, so that a program that knows version 1 alone leaves it alone.
ALTER TABLE dullahan_owed_mails ADD COLUMN given_up BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether it was counted for its mailbox, which had not had too many.
ALTER TABLE dullahan_owed_mails ADD COLUMN admitted BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX dullahan_owed_mails_of_email_change
    ON dullahan_owed_mails (email_change_id) WHERE email_change_id IS NOT NULL;
CREATE INDEX dullahan_owed_mails_sent ON dullahan_owed_mails (sent_at) WHERE sent_at IS NOT NULL;

-- What visitors without a session ask for, by addresses that may be anybody's.
CREATE TABLE dullahan_mail_requests (
    id           BIGINT      NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email        TEXT        NOT NULL,
    email_key    TEXT        COLLATE "C" NOT NULL,
    kind         TEXT        NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    UNIQUE (email_key, kind)
);

CREATE INDEX dullahan_mail_requests_in_order ON dullahan_mail_requests (requested_at, id);

CREATE TABLE dullahan_attempts (
    -- The SHA-256 of what is tried and by whom.
    digest   BYTEA       NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    -- How many there were since the first one, with those that were refused.
    attempts BIGINT      NOT NULL,
    -- When counting begins anew.
    over_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX dullahan_attempts_ending ON dullahan_attempts (over_at);
