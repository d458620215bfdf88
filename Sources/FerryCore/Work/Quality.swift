/// What the picture and sound checks found in one title while it was encoded, for the delivery manifest.
package struct Quality: Hashable, Sendable, Codable {
  /// In the order of their times.
  package var findings: [Finding]
  /// `nil` for a title without sound.
  package var loudness: LoudnessChange?

  package init(findings: [Finding], loudness: LoudnessChange?) {
    self.findings = findings
    self.loudness = loudness
  }

  /// One stretch that a person should look at.
  package struct Finding: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
      case black
      case frozen
      case silent
      case clipped
      /// Channels of which only some are heard.
      case channels
      case fieldOrder = "field-order"
      case pictureSize = "picture-size"
      /// Sound that begins after the picture, or ends before it; silence fills the programme.
      case soundBegins = "sound-begins"
      case soundEnds = "sound-ends"
      /// A picture that begins between key frames, so that its first moments cannot be shown.
      case lateBeginning = "late-beginning"
      /// A stream of the source that cannot be made, beside which another one was taken.
      case leftOut = "left-out"
      /// What the job tolerates: parts that could not be decoded, an end that is missing.
      case damaged
    }

    package var kind: Kind
    package var severity: CheckRules.Severity
    package var startMs: Milliseconds
    package var endMs: Milliseconds
    /// In words, with the measured value.
    package var detail: String
    /// What `detail` says beyond kind and times, for other languages; `nil` where they say it all.
    package var measure: Measure?

    package enum Measure: Hashable, Sendable, Codable {
      /// So many more, which are not listed.
      case more(count: Int)
      case clips(times: Int, tenthsOfMs: Int)
      case sizes(before: Size, after: Size)
      /// `flagged` is what the file says, where it says anything.
      case fields(flagged: Fields?, found: Fields)
    }

    package struct Size: Hashable, Sendable, Codable {
      package var width: Int
      package var height: Int
      package init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
    }

    package enum Fields: String, Hashable, Sendable, Codable {
      case progressive
      case topFirst = "top-first"
      case bottomFirst = "bottom-first"
    }

    package init(
      kind: Kind, severity: CheckRules.Severity, startMs: Milliseconds, endMs: Milliseconds, detail: String,
      measure: Measure? = nil
    ) {
      self.kind = kind
      self.severity = severity
      self.startMs = startMs
      self.endMs = endMs
      self.detail = detail
      self.measure = measure
    }
  }

  /// The loudness of the source's sound, and of what is delivered.
  package struct LoudnessChange: Hashable, Sendable, Codable {
    package var before: Loudness
    package var after: Loudness
    /// What was applied to every sample, in dB.
    package var gain: Double
    /// Whether peaks were limited beside it.
    package var isLimited: Bool

    package init(before: Loudness, after: Loudness, gain: Double, isLimited: Bool) {
      self.before = before
      self.after = after
      self.gain = gain
      self.isLimited = isLimited
    }
  }
}

/// Measured by EBU R 128 (ITU-R BS.1770-4, EBU Tech 3342); `nil` where there is only silence.
package struct Loudness: Hashable, Sendable, Codable {
  /// LUFS.
  package var integrated: Double?
  /// LU.
  package var range: Double
  /// dBTP.
  package var truePeak: Double?

  package init(integrated: Double?, range: Double, truePeak: Double?) {
    self.integrated = integrated
    self.range = range
    self.truePeak = truePeak
  }
}
