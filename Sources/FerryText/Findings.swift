internal import FerryCore

/// What reading one file brings to light: errors one by one up to a limit, tolerated repairs once for each kind.
struct Findings {
  let file: String
  private var errors: [Diagnostic] = []
  private var unlistedErrors = 0
  private var repairs: [Repair: (first: Diagnostic, count: Int)] = [:]

  /// More than a person fixes in one sitting; a video opened as text must not give a million messages.
  static let errorLimit = 100

  init(file: String) { self.file = file }

  mutating func error(_ code: String, line: Int = 0, column: Int = 0, _ message: String, hint: String? = nil) {
    guard errors.count < Findings.errorLimit else {
      unlistedErrors += 1
      return
    }
    errors.append(Diagnostic(.error, code, at: Place(file, line: line, column: column), message, hint: hint))
  }

  mutating func note(_ repair: Repair, line: Int = 0, column: Int = 0) {
    if let index = repairs.index(forKey: repair) {
      repairs.values[index].count += 1
      return
    }
    let place = Place(file, line: line, column: column)
    repairs[repair] = (Diagnostic(.warning, repair.code, at: place, repair.message, hint: repair.hint), 1)
  }

  var hasErrors: Bool { !errors.isEmpty }

  /// Everything found, in the order of the file.
  var all: [Diagnostic] {
    var all = errors
    for (first, count) in repairs.values {
      var diagnostic = first
      if count > 1 { diagnostic.message += " (and \(count - 1) more)" }
      all.append(diagnostic)
    }
    // Messages break ties, so that equal files always give the same list.
    all.sort { ($0.place, $0.code, $0.message) < ($1.place, $1.code, $1.message) }
    if unlistedErrors > 0 {
      all.append(Diagnostic(.error, "text.more", at: Place(file), "\(unlistedErrors) more errors are not listed"))
    }
    return all
  }
}

/// A deviation that a reader accepts and tells about.
enum Repair: Hashable {
  case doubleByteOrderMark, loneEuro
  case otherFormat(Track.Format)
  case blankBeforeSignature
  case noNumber, noBlankLine, blankLineInCue, emptyCue
  case decimalPoint, oddFraction, decimalMilliseconds, noFraction, noHours, shortField, fullWidth, oddArrow,
    coordinates, settingsInSubRip
  case unknownTag, unbalancedTag, font, override, entityInSubRip, unknownEntity, timestampTag, className, style
  case lateStyle

  var code: String {
    switch self {
    case .doubleByteOrderMark, .loneEuro: "enc.repaired"
    case .emptyCue: "fmt.empty"
    case .unknownTag, .unbalancedTag, .font, .override, .entityInSubRip, .unknownEntity, .timestampTag, .className,
      .style, .lateStyle:
      "fmt.markup"
    default: "fmt.repaired"
    }
  }

  var message: String {
    switch self {
    case .doubleByteOrderMark: "a byte-order mark inside the text is left out"
    case .loneEuro: "the byte 0x80 is read as '€'"
    case .otherFormat(let format): "the file is \(format.name) by what it says, not by its name, and read as that"
    case .blankBeforeSignature: "'WEBVTT' does not begin the file; the blank before it is left out"
    case .noNumber: "the cue has no number"
    case .noBlankLine: "no blank line before this cue"
    case .blankLineInCue: "a blank line inside the cue is kept as part of it"
    case .emptyCue: "the cue has no text"
    case .decimalPoint: "the time is written with '.' where SubRip has ','"
    case .oddFraction: "the time's fraction does not have three digits; ',5' is read as 500 milliseconds"
    case .decimalMilliseconds: "the time's milliseconds have decimals; they are cut off"
    case .noFraction: "the time has no milliseconds; they are read as 000"
    case .noHours: "the time has no hours; they are read as 00"
    case .shortField: "hours, minutes or seconds do not have two digits"
    case .fullWidth: "the times are typed with full-width characters"
    case .oddArrow: "the arrow between the times is not '-->'"
    case .coordinates: "the coordinates after the times are left out"
    case .settingsInSubRip: "WebVTT settings in a SubRip file are kept"
    case .unknownTag: "an unknown tag is kept as text"
    case .unbalancedTag: "a tag is opened and not closed, or closed and not opened"
    case .font: "font colour, face and size are not carried"
    case .override: "a '{\\…}' override is not carried"
    case .entityInSubRip: "'&…;' means nothing in SubRip and is kept as text"
    case .unknownEntity: "an unknown '&…;' is kept as text"
    case .timestampTag: "times inside a cue are not carried"
    case .className: "classes and languages inside a cue are not carried"
    case .style: "style sheets and regions are not carried"
    case .lateStyle: "a style sheet or region after the first cue has no effect"
    }
  }

  var hint: String? {
    switch self {
    case .loneEuro: "save the file as UTF-8"
    case .entityInSubRip: "write the character itself"
    case .otherFormat(.subRip): "rename it to .srt; if it is WebVTT, its first line must be 'WEBVTT'"
    case .otherFormat(let format): "rename it to .\(format.rawValue)"
    case .blankLineInCue: "other programs lose what follows: remove the blank line"
    default: nil
    }
  }
}

extension Track.Format {
  /// What people call it.
  package var name: String {
    switch self {
    case .subRip: "SubRip"
    case .webVTT: "WebVTT"
    case .ass: "Advanced SubStation Alpha"
    case .ttml: "TTML"
    }
  }
}
