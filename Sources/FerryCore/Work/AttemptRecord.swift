/// What an attempt leaves on disk beside its files, written last and by rename: enough to rebuild the store from.
package struct AttemptRecord: Hashable, Sendable, Codable {
  /// Counts up when records change so that older ones cannot be read as they are.
  package var format = 1
  package var token: LeaseToken
  /// The job's label, its file and the digest of its content when the attempt began.
  package var job: String
  package var jobFile: String
  package var jobDigest: String
  /// The title's id, and the digest of all that decided what was made.
  package var title: String
  package var titleDigest: String
  package var started: Timestamp
  package var ended: Timestamp
  package var outcome: Outcome
  /// The steps whose outcomes were verified, also where the attempt as a whole failed.
  package var steps: [StepOutcome]
  /// SHA-256 over the list of files and their digests, in hex; set where the title was made.
  package var files: String?

  package init(
    token: LeaseToken, job: String, jobFile: String, jobDigest: String, title: String, titleDigest: String,
    started: Timestamp, ended: Timestamp, outcome: Outcome, steps: [StepOutcome] = [], files: String? = nil
  ) {
    self.token = token
    self.job = job
    self.jobFile = jobFile
    self.jobDigest = jobDigest
    self.title = title
    self.titleDigest = titleDigest
    self.started = started
    self.ended = ended
    self.outcome = outcome
    self.steps = steps
    self.files = files
  }

  package enum Outcome: Hashable, Sendable {
    case made
    /// All that needs no text is made; the text of these languages is not there.
    case prepared(awaiting: [LanguageTag])
    case failed(Failure)
    /// Stopped from outside before its end.
    case interrupted
  }

  /// Why an attempt failed: the class for the rule, the rest for people and scripts.
  package struct Failure: Hashable, Sendable, Codable {
    package var `class`: FailureClass
    /// A diagnostic's code, such as `disk.full`.
    package var code: String
    package var message: String
    /// All that was wrong, where the worker could say it.
    package var problems: [Diagnostic]?

    package init(_ failure: FailureClass, code: String, _ message: String, problems: [Diagnostic]? = nil) {
      self.class = failure
      self.code = code
      self.message = message
      self.problems = problems
    }
  }
}

/// The verified outcome of one step.
package struct StepOutcome: Hashable, Sendable, Codable {
  package var key: StepKey
  package var step: TitlePlan.Step.Name
  /// What the step made, in the words of whoever made it: the store only keeps it.
  package var outcome: String

  package init(key: StepKey, step: TitlePlan.Step.Name, outcome: String) {
    self.key = key
    self.step = step
    self.outcome = outcome
  }
}

/// The name of one lease: whoever shows another one, or shows it too late, changes nothing.
package struct LeaseToken: Hashable, Sendable {
  package let text: String

  /// 128 random bits in hex.
  package init(using random: inout some RandomNumberGenerator) {
    func half(_ bits: UInt64) -> String {
      let digits = String(bits, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    text = half(random.next()) + half(random.next())
  }

  /// Reads a token that was written as text; `nil` for what cannot be one.
  package init?(_ text: String) {
    guard text.utf8.count == 32, text.allSatisfy({ "0123456789abcdef".contains($0) }) else { return nil }
    self.text = text
  }
}

extension LeaseToken: CustomStringConvertible {
  package var description: String { text }
}

extension LeaseToken: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let token = LeaseToken(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no lease token")
    }
    self = token
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension AttemptRecord.Outcome {
  /// An outcome as one word, for records and tables.
  package enum Status: String, CaseIterable, Sendable, Codable { case made, prepared, failed, interrupted }

  package var status: Status {
    switch self {
    case .made: .made
    case .prepared: .prepared
    case .failed: .failed
    case .interrupted: .interrupted
    }
  }
}

extension AttemptRecord.Outcome: Codable {
  private enum Key: CodingKey { case status, failure, awaiting }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self =
      switch try container.decode(Status.self, forKey: .status) {
      case .made: .made
      case .prepared: .prepared(awaiting: try container.decode([LanguageTag].self, forKey: .awaiting))
      case .failed: .failed(try container.decode(AttemptRecord.Failure.self, forKey: .failure))
      case .interrupted: .interrupted
      }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(status, forKey: .status)
    switch self {
    case .prepared(let languages): try container.encode(languages, forKey: .awaiting)
    case .failed(let failure): try container.encode(failure, forKey: .failure)
    case .made, .interrupted: break
    }
  }
}
