-- +goose Up
-- Migrations that programs from before goose applied, by file name. PRAGMA
-- user_version is the number of the newest, for them to read.
CREATE TABLE migration (
	name TEXT PRIMARY KEY
) WITHOUT ROWID;

-- What the database is about: one repository. Keys: hash_len, shallow,
-- partial, mailmap (digest of the .mailmap that the authors were read with),
-- sealed_for (public key that decisions are encrypted for), told (commit up to
-- which others were told of decisions), detect (M or C: lines are followed as by
-- git blame -M or -C).
CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- Paths, once each.
CREATE TABLE path (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);

-- People, as the mailmap has them.
CREATE TABLE person (
	id    INTEGER PRIMARY KEY,
	name  TEXT NOT NULL,
	email TEXT NOT NULL,
	UNIQUE (name, email)
);

-- Commits that own a line of an indexed revision, and no others.
CREATE TABLE commit_ (
	id        INTEGER PRIMARY KEY,
	sha       BLOB NOT NULL UNIQUE,           -- raw, 20 or 32 bytes
	author_id INTEGER REFERENCES person (id), -- NULL until its details were read
	authored  INTEGER NOT NULL DEFAULT 0,     -- Unix seconds, author's clock
	committed INTEGER NOT NULL DEFAULT 0,     -- Unix seconds, committer's clock
	message   TEXT NOT NULL DEFAULT ''        -- subject, and the body up to a limit
);

-- Who owns the lines of one content with one history. Revisions whose path has
-- both in common share the row.
CREATE TABLE ownership (
	id    INTEGER PRIMARY KEY,
	blob  BLOB NOT NULL,    -- object name of the content
	lines INTEGER NOT NULL,
	runs  BLOB NOT NULL     -- see runs.go
);
CREATE INDEX ownership_blob ON ownership (blob);

-- Tags in comments, as "decision:ADR-047", with the lines that they govern.
CREATE TABLE tag (
	ownership_id INTEGER NOT NULL REFERENCES ownership (id) ON DELETE CASCADE,
	line         INTEGER NOT NULL, -- of the tag, from 1
	until        INTEGER NOT NULL, -- last line governed
	decision     TEXT NOT NULL,
	PRIMARY KEY (ownership_id, line, decision)
) WITHOUT ROWID;

-- Sets of decision records, shared by revisions that have the same ones.
CREATE TABLE record_set (
	id     INTEGER PRIMARY KEY,
	digest BLOB NOT NULL UNIQUE -- of the members
);

-- Decision records and rules.
CREATE TABLE record (
	id       INTEGER PRIMARY KEY,
	blob     BLOB NOT NULL,   -- object name of the file that holds it
	path     TEXT NOT NULL,
	deleted  INTEGER NOT NULL, -- 1 when known from history only
	document BLOB NOT NULL,    -- JSON of the record, encrypted when a key is configured
	UNIQUE (path, blob, deleted)
);

CREATE TABLE record_member (
	set_id    INTEGER NOT NULL REFERENCES record_set (id) ON DELETE CASCADE,
	record_id INTEGER NOT NULL REFERENCES record (id),
	PRIMARY KEY (set_id, record_id)
) WITHOUT ROWID;

-- CODEOWNERS files, once each content.
CREATE TABLE codeowners (
	id   INTEGER PRIMARY KEY,
	blob BLOB NOT NULL UNIQUE,
	text TEXT NOT NULL
);

-- Indexed revisions. A revision's files are those of its base with its own
-- entries on top.
CREATE TABLE revision (
	id            INTEGER PRIMARY KEY,
	sha           TEXT NOT NULL UNIQUE,
	base_id       INTEGER REFERENCES revision (id),
	depth         INTEGER NOT NULL DEFAULT 0, -- bases below it
	globs         TEXT NOT NULL,              -- JSON list of the paths asked for, [] for all
	complete      INTEGER NOT NULL DEFAULT 0, -- 0 while it is being indexed
	record_set_id INTEGER REFERENCES record_set (id),
	codeowners_id INTEGER REFERENCES codeowners (id)
);

-- Names of revisions, as tags, at the time of indexing.
CREATE TABLE revision_name (
	name        TEXT PRIMARY KEY,
	revision_id INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE
) WITHOUT ROWID;

-- One path at one revision.
CREATE TABLE entry (
	revision_id  INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
	path_id      INTEGER NOT NULL REFERENCES path (id),
	ownership_id INTEGER REFERENCES ownership (id),
	-- Why there is no ownership: absent, binary, huge, missing, link,
	-- submodule; NULL when there is one.
	reason       TEXT,
	PRIMARY KEY (revision_id, path_id)
) WITHOUT ROWID;
