internal import GRDB

/// The tables, as steps from one version to the next; a step that was released never changes.
enum Schema {
  /// "FERY", at the place where SQLite lets an application say that a file is its own.
  static let application = 0x4645_5259

  /// The release that takes the last step; the copy of what was there before has its name.
  static let release = "0.2"

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
    """
    -- What was wrong, as a list of diagnostics in JSON.
    ALTER TABLE attempts ADD COLUMN problems TEXT;

    -- What runs told, the newest some thousands. No id is given twice, so that a reader knows what it has seen.
    CREATE TABLE events (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      run TEXT NOT NULL,
      job TEXT,
      title TEXT,
      kind TEXT NOT NULL,
      payload TEXT NOT NULL
    ) STRICT;
    """,
  ]

  /// Takes the steps that a database lacks, each in a transaction of its own.
  ///
  /// `user_version` rises with each step: a ferry that knows fewer steps refuses the file by it.
  static func migrator(_ steps: [String] = steps) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (number, step) in zip(1..., steps) {
      migrator.registerMigration("step \(number)", foreignKeyChecks: .immediate) { db in
        // Ferry 0.1 took steps without the migrator's list of them.
        if try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= number { return }
        try db.execute(sql: step)
        try db.execute(sql: "PRAGMA application_id = \(application)")
        try db.execute(sql: "PRAGMA user_version = \(number)")
      }
    }
    return migrator
  }

  /// How many steps a database has taken, 0 for an empty one; throws for what this ferry must not touch.
  static func version(_ db: Database, _ path: String) throws -> Int {
    let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard owner == application else {
      // The migrator makes its list before it takes the first step.
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'")
      guard owner == 0, version == 0, tables == 0 else { throw StoreError.foreign(path: path) }
      return 0
    }
    guard version <= steps.count else { throw StoreError.newer(path: path, version: version, known: steps.count) }
    return version
  }
}
