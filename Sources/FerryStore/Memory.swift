package import FerryCore
internal import Foundation
internal import GRDB

/// What tells that a file is still the one that was digested.
package struct FileIdentity: Hashable, Sendable {
  package var path: String
  package var size: Int
  /// Nanoseconds since 1970.
  package var modified: Int
  package var inode: Int

  package init(path: String, size: Int, modified: Int, inode: Int) {
    self.path = path
    self.size = size
    self.modified = modified
    self.inode = inode
  }

  /// The identity of a file as it is now; `nil` where nothing can be read.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    // The same file by the same name, whatever folder it is named from.
    let whole = path.hasPrefix("/") ? path : URL(fileURLWithPath: path).standardizedFileURL.path
    self.init(
      path: whole, size: Int(status.st_size), modified: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec,
      inode: Int(status.st_ino))
  }
}

/// Something that is asked about a media file.
package struct FileQuestion: Hashable, Sendable {
  package var file: FileIdentity
  package var text: String
  /// What answers: another program may answer otherwise.
  package var program: String

  package init(_ file: FileIdentity, _ text: String, program: String) {
    self.file = file
    self.text = text
    self.program = program
  }
}

/// One version of a delivery that was published.
package struct PublishedVersion: Hashable, Sendable {
  package var label: String
  package var version: Int
  /// Of the package's content.
  package var key: String
  package var path: String
  package var published: Timestamp
  package var titles: [String]
  /// Whose outcomes the package is made of, so that they are kept.
  package var steps: [StepKey]

  package init(
    label: String, version: Int, key: String, path: String, published: Timestamp, titles: [String], steps: [StepKey]
  ) {
    self.label = label
    self.version = version
    self.key = key
    self.path = path
    self.published = published
    self.titles = titles
    self.steps = steps
  }
}

extension Store {
  /// The SHA-256 of a file that has not changed since it was digested, in hex.
  package func knownDigest(_ file: FileIdentity) throws(StoreError) -> String? {
    try read { db in
      let row = try db.row(
        "SELECT sha256 FROM sources WHERE path = ? AND size = ? AND modified = ? AND inode = ?",
        [file.path, file.size, file.modified, file.inode])
      return row?[0]
    }
  }

  /// Remembers digests of files; each identity must have been the same before and after the file was read. To remember a
  /// digest again says that the file is still in use, so that it is not pruned.
  ///
  /// A file that changed within the last two seconds is not remembered: it may change again within the same tick of its
  /// file system's clock, and nobody could tell.
  package func rememberDigests(_ digests: [FileIdentity: String], now: Moment) throws(StoreError) {
    let settled = digests.filter { $0.key.modified / 1_000_000 <= now.wall.milliseconds - 2000 }
    if settled.isEmpty { return }
    try write { db in
      for (file, digest) in settled {
        try db.run(
          "INSERT OR REPLACE INTO sources (path, size, modified, inode, sha256, used) VALUES (?, ?, ?, ?, ?, ?)",
          [file.path, file.size, file.modified, file.inode, digest, now.wall])
      }
    }
  }

  /// What `program` answered about a media file that has not changed since.
  package func knownAnswer(_ question: FileQuestion) throws(StoreError) -> String? {
    let file = question.file
    return try read { db in
      let row = try db.row(
        """
        SELECT answer FROM answers
        WHERE path = ? AND question = ? AND program = ? AND size = ? AND modified = ? AND inode = ?
        """, [file.path, question.text, question.program, file.size, file.modified, file.inode])
      return row?[0]
    }
  }

  /// Remembers answers about media files, under the same conditions as digests.
  package func rememberAnswers(_ answers: [FileQuestion: String], now: Moment) throws(StoreError) {
    let settled = answers.filter { $0.key.file.modified / 1_000_000 <= now.wall.milliseconds - 2000 }
    if settled.isEmpty { return }
    try write { db in
      for (question, answer) in settled {
        let file = question.file
        try db.run(
          """
          INSERT OR REPLACE INTO answers (path, question, program, size, modified, inode, answer, used)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [
            file.path, question.text, question.program, file.size, file.modified, file.inode, answer,
            now.wall,
          ])
      }
    }
  }

  /// The verified outcome of a step.
  package func outcome(of key: StepKey) throws(StoreError) -> StepOutcome? {
    try read { db in
      guard let row = try db.row("SELECT step, outcome FROM steps WHERE key = ?", [key.digest]) else { return nil }
      guard let step = TitlePlan.Step.Name(rawValue: row[0]) else {
        throw StoreError.damaged(path: path, detail: "a step has the name '\(row[0] as String)'")
      }
      return StepOutcome(key: key, step: step, outcome: row[1])
    }
  }

  /// Keeps outcomes that were verified; the first one of a key stays, since equal keys mean equal results.
  package func remember(_ steps: [StepOutcome], now: Moment) throws(StoreError) {
    if steps.isEmpty { return }
    try write { db in try insert(steps, db, now.wall) }
  }

  /// Forgets outcomes that proved bad, so that their steps run again.
  package func forget(_ keys: [StepKey]) throws(StoreError) {
    try write { db in for key in keys { try db.run("DELETE FROM steps WHERE key = ?", [key.digest]) } }
  }

  func insert(_ steps: [StepOutcome], _ db: Database, _ verified: Timestamp) throws {
    for step in steps {
      try db.run(
        "INSERT OR IGNORE INTO steps (key, step, outcome, verified) VALUES (?, ?, ?, ?)",
        [step.key.digest, step.step.rawValue, step.outcome, verified])
    }
  }

  /// Notes a published version; the same one twice is one.
  package func record(_ version: PublishedVersion) throws(StoreError) { try write { db in try insert(version, db) } }

  func insert(_ version: PublishedVersion, _ db: Database) throws {
    try db.run(
      """
      INSERT OR REPLACE INTO versions (label, version, key, path, published, titles, steps)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        version.label, version.version, version.key, version.path, version.published,
        version.titles.joined(separator: "\n"), version.steps.map(\.digest).joined(separator: "\n"),
      ])
  }

  /// The published versions of one delivery, or of all, oldest first.
  package func versions(of label: String? = nil) throws(StoreError) -> [PublishedVersion] {
    try read { db in
      try db.rows(
        """
        SELECT label, version, key, path, published, titles, steps FROM versions
        WHERE label = coalesce(?, label) ORDER BY label, version
        """, [label]
      ).map { row in
        let titles: String = row[5]
        let steps: String = row[6]
        return PublishedVersion(
          label: row[0], version: row[1], key: row[2], path: row[3], published: row[4],
          titles: titles.split(separator: "\n").map(String.init),
          steps: steps.split(separator: "\n").map { StepKey(digest: String($0)) })
      }
    }
  }
}
