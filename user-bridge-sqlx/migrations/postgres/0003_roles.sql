-- What users may do. It only adds, so programs that know versions 1 and 2 alone go on.

CREATE TABLE dullahan_user_roles (
    user_id UUID             NOT NULL REFERENCES dullahan_users (id) ON DELETE CASCADE,
    role    TEXT COLLATE "C" NOT NULL CHECK (role ~ '^[a-z0-9_-]+$'),
    PRIMARY KEY (user_id, role)
);
