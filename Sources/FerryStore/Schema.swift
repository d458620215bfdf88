internal import GRDB

/// The tables, as steps from one version to the next; a step that was released never changes.
enum Schema {
  /// "FERY", at the place where SQLite lets an application say that a file is its own.
  static let application = 0x4645_5259

  static let steps = [
    """
    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      label TEXT NOT NULL UNIQUE,
      file TEXT NOT NULL,
      digest TEXT NOT NULL,
      plan INTEGER NOT NULL,
      priority INTEGER NOT NULL,
      submitted INTEGER NOT NULL
    ) STRICT;

    -- The ids rise as titles are submitted: of equal priority, the lowest id is the oldest.
    CREATE TABLE titles (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
      name TEXT NOT NULL,
      digest TEXT NOT NULL,
      priority INTEGER NOT NULL,
      state TEXT NOT NULL,
      since INTEGER NOT NULL,
      retry_at INTEGER,
      awaited TEXT,
      translator TEXT,
      due TEXT,
      is_prepared INTEGER NOT NULL DEFAULT 0,
      attempts INTEGER NOT NULL DEFAULT 0,
      transient_failures INTEGER NOT NULL DEFAULT 0,
      crashes INTEGER NOT NULL DEFAULT 0,
      losses INTEGER NOT NULL DEFAULT 0,
      error_code TEXT,
      error TEXT,
      -- The job names it no more; history and attempts stay.
      is_removed INTEGER NOT NULL DEFAULT 0,
      UNIQUE (job, name),
      CHECK ((state = 'failed') = (retry_at IS NOT NULL))
    ) STRICT;
    CREATE INDEX titles_by_turn ON titles (is_removed, state, priority DESC, id);
    CREATE INDEX titles_by_retry ON titles (retry_at) WHERE state = 'failed';
    CREATE INDEX titles_to_prepare ON titles (priority DESC, id)
      WHERE state = 'waiting-translation' AND is_prepared = 0 AND is_removed = 0;

    CREATE TABLE attempts (
      id INTEGER PRIMARY KEY,
      title INTEGER NOT NULL REFERENCES titles ON DELETE CASCADE,
      token TEXT NOT NULL UNIQUE,
      number INTEGER NOT NULL,
      digest TEXT NOT NULL,
      executor TEXT NOT NULL,
      pid INTEGER,
      started INTEGER NOT NULL,
      boot TEXT NOT NULL,
      beat_uptime INTEGER NOT NULL,
      beat INTEGER NOT NULL,
      progress REAL,
      ended INTEGER,
      outcome TEXT,
      files TEXT,
      CHECK ((ended IS NULL) = (outcome IS NULL))
    ) STRICT;
    -- Two live leases of one title cannot be written down.
    CREATE UNIQUE INDEX attempts_live ON attempts (title) WHERE ended IS NULL;
    CREATE INDEX attempts_by_title ON attempts (title);

    CREATE TABLE history (
      title INTEGER NOT NULL REFERENCES titles ON DELETE CASCADE,
      n INTEGER NOT NULL,
      at INTEGER NOT NULL,
      event TEXT NOT NULL,
      detail TEXT,
      PRIMARY KEY (title, n)
    ) STRICT, WITHOUT ROWID;

    -- Outcomes may be long, which rows without rowid serve badly.
    CREATE TABLE steps (
      key TEXT NOT NULL PRIMARY KEY,
      step TEXT NOT NULL,
      outcome TEXT NOT NULL,
      verified INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE sources (
      path TEXT NOT NULL PRIMARY KEY,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- By label and not by job: what was published outlives the queue's memory of the job.
    CREATE TABLE versions (
      label TEXT NOT NULL,
      version INTEGER NOT NULL,
      key TEXT NOT NULL,
      path TEXT NOT NULL,
      published INTEGER NOT NULL,
      titles TEXT NOT NULL,
      steps TEXT NOT NULL,
      PRIMARY KEY (label, version)
    ) STRICT;
    """,
    // The state 'reopened', which an older ferry would take for damage.
    "SELECT 1",
    """
    -- What was asked about media files, and answered; `program` is what answered.
    CREATE TABLE answers (
      path TEXT NOT NULL,
      question TEXT NOT NULL,
      program TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      answer TEXT NOT NULL,
      used INTEGER NOT NULL,
      PRIMARY KEY (path, question)
    ) STRICT;
    """,
  ]

  /// Brings a database to the last step, or says why not; many processes may try at once.
  static func migrate(_ db: Database, _ path: String, steps: [String] = steps) throws {
    var isCurrent = false
    // In one transaction: another process may be migrating between two questions.
    try db.inTransaction(.deferred) {
      isCurrent = try version(db, path, steps.count) == steps.count
      return .commit
    }
    if isCurrent { return }
    try db.inTransaction(.immediate) {
      // Looked at again with the lock held: another process may have been faster.
      let done = try version(db, path, steps.count)
      for step in steps[done...] { try db.execute(sql: step) }
      try db.execute(sql: "PRAGMA application_id = \(application)")
      try db.execute(sql: "PRAGMA user_version = \(steps.count)")
      return .commit
    }
  }

  /// The version that a database has, 0 for an empty one; throws for what this ferry must not touch.
  private static func version(_ db: Database, _ path: String, _ known: Int) throws -> Int {
    let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard owner == application else {
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
      guard owner == 0, version == 0, tables == 0 else { throw StoreError.foreign(path: path) }
      return 0
    }
    guard version <= known else { throw StoreError.newer(path: path, version: version, known: known) }
    return version
  }
}
