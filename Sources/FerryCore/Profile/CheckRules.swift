/// What the picture and sound checks look for, and how bad each finding is.
package struct CheckRules: Hashable, Sendable, Codable {
  package var black: Rule
  package var frozen: Rule
  package var silent: Rule
  package var clipped: Rule
  /// Fields that are not as the file says.
  package var fieldOrder: Severity
  /// Pictures that change size or shape within the title.
  package var pictureSize: Severity

  package init(
    black: Rule, frozen: Rule, silent: Rule, clipped: Rule, fieldOrder: Severity, pictureSize: Severity
  ) {
    self.black = black
    self.frozen = frozen
    self.silent = silent
    self.clipped = clipped
    self.fieldOrder = fieldOrder
    self.pictureSize = pictureSize
  }

  /// A stretch is a finding when it lasts at least this long.
  package struct Rule: Hashable, Sendable, Codable {
    package var longerThan: Milliseconds
    /// Black: the share of luma range (0…1) below which a pixel is black. Frozen: the mean difference of luma (0…1)
    /// below which two pictures are the same. Silent: the level in dBFS below which sound is silence. Clipped: the
    /// level in dBFS from which a sample is clipped.
    package var threshold: Double
    package var severity: Severity

    package init(longerThan: Milliseconds, threshold: Double, severity: Severity) {
      self.longerThan = longerThan
      self.threshold = threshold
      self.severity = severity
    }
  }

  package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    /// Not looked for, or not told.
    case off
    case warning
    /// Holds the title.
    case error
  }
}
