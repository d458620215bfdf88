package import FerryCore

/// What reading one file brings to light: errors one by one up to a limit, tolerated repairs once for each kind.
package struct Findings {
  package let file: String
  private var errors: [Diagnostic] = []
  private var unlistedErrors = 0
  private var repairs: [Repair: (first: Diagnostic, count: Int)] = [:]

  /// More than a person fixes in one sitting; a video opened as text must not give a million messages.
  package static let errorLimit = 100

  package init(file: String) { self.file = file }

  package mutating func error(_ code: String, line: Int = 0, column: Int = 0, _ message: String, hint: String? = nil) {
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

  /// Takes over what was found in a part of the file, at `line` of the whole.
  package mutating func take(_ part: Findings, line: Int) {
    for diagnostic in part.errors { error(diagnostic.code, line: line, diagnostic.message, hint: diagnostic.hint) }
    for (repair, found) in part.repairs { for _ in 0..<found.count { note(repair, line: line) } }
  }

  package var hasErrors: Bool { !errors.isEmpty }

  /// Everything found, in the order of the file.
  package var all: [Diagnostic] {
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
  case noFormatLine, shortStyle, oddCentiseconds, oddNumber, unknownSection, unknownLine, unknownStyle, softBreak
  case commentEvent, otherEvent, embeddedFile, effect, drawing, karaoke, braceComment, hiddenText
  case afterNUL, earlyCue, modifierBox, brokenName, timestampMap
  case undeclaredPrefix, decimalComma, assumedFrameRate, noRegion, hidden, animation, agent
  case unknownElement, htmlElement, foreignElement

  var code: String {
    switch self {
    case .doubleByteOrderMark, .loneEuro: "enc.repaired"
    case .emptyCue: "fmt.empty"
    case .unknownTag, .unbalancedTag, .font, .override, .entityInSubRip, .unknownEntity, .timestampTag, .className,
      .style, .lateStyle, .unknownStyle, .softBreak, .commentEvent, .otherEvent, .embeddedFile, .effect, .drawing,
      .karaoke, .braceComment, .hiddenText, .modifierBox, .noRegion, .hidden, .animation, .agent, .unknownElement,
      .htmlElement, .foreignElement:
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
    case .noFormatLine: "no 'Format' line says what the columns are; they are read in their ordinary order"
    case .shortStyle: "the style has fewer columns than 'Format' lists"
    case .oddCentiseconds: "the time's fraction is not two digits behind '.'; '.5' is read as 500 milliseconds"
    case .oddNumber: "a layer or a margin that is no number is read as 0"
    case .unknownSection: "the section is not one that players know, and is left out"
    case .unknownLine: "the line is not one that players know, and is left out"
    case .unknownStyle: "the script has no style of that name; players use 'Default'"
    case .softBreak: "'\\n' is a blank to players, and is read as one"
    case .commentEvent: "comments are not carried"
    case .otherEvent: "pictures, sounds, films and commands are not carried"
    case .embeddedFile: "embedded fonts and pictures are not carried"
    case .effect: "the effect is not carried"
    case .drawing: "a drawing is not carried"
    case .karaoke: "karaoke times are not carried"
    case .braceComment: "a comment between braces is not carried"
    case .hiddenText: "text that is wholly transparent is left out"
    case .afterNUL: "the text ends at a NUL byte; the bytes behind it are left out"
    case .earlyCue: "the cue begins before the first picture; it is shown from there on"
    case .brokenName: "a name or settings of more than one line, or with '-->', are left out"
    case .timestampMap: "the times are read as they are written; 'X-TIMESTAMP-MAP' is not applied"
    case .modifierBox: "highlights, links and other effects are not carried"
    case .undeclaredPrefix: "a prefix is used that 'xmlns:' does not declare; it is read as TTML's own"
    case .decimalComma: "the time is written with ',' where TTML has '.'"
    case .assumedFrameRate: "the time counts frames and 'ttp:frameRate' is missing; 30 frames a second are assumed"
    case .noRegion: "the paragraph names no region that the document has; it is read as standing at the bottom"
    case .hidden: "text that is not displayed is not carried"
    case .animation: "animations are not carried"
    case .agent: "a speaker without a name is not carried"
    case .unknownElement: "an element that TTML does not have is left out; its text is kept"
    case .htmlElement: "an element of HTML is read as the style that it means there"
    case .foreignElement: "an element of another vocabulary is not carried"
    }
  }

  var hint: String? {
    switch self {
    case .loneEuro: "save the file as UTF-8"
    case .entityInSubRip: "write the character itself"
    case .assumedFrameRate: "say it on the document's element"
    case .noRegion: "players that go by the book do not show it: correct 'region'"
    case .otherFormat(.subRip): "rename it to .srt; if it is WebVTT, its first line must be 'WEBVTT'"
    case .otherFormat(let format): "rename it to .\(format.rawValue)"
    case .timestampMap: "check that the first cue is where its words are spoken"
    case .softBreak: "write '\\N' where a line ends"
    case .unknownStyle: "add the style, or correct its name"
    case .hiddenText: "remove it, or make it visible"
    case .blankLineInCue: "other programs lose what follows: remove the blank line"
    default: nil
    }
  }
}
