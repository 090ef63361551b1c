-- What users may do. It only adds, so programs that know versions 1 and 2 alone go on.

CREATE TABLE dullahan_user_roles (
    user_id BLOB NOT NULL REFERENCES dullahan_users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL CHECK (role <> '' AND role NOT GLOB '*[^a-z0-9_-]*'),
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;
