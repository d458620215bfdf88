package import FerryCore

/// What a track must not have by the time it is delivered; one diagnostic for each rule, with the first places.
package enum TrackCheck {
  /// Cues that start after the programme's end are an error: nobody sees them. One that only lasts longer is a warning.
  ///
  /// `frame` is the tolerance for an end: containers round a programme's duration to frames.
  package static func againstProgramme(
    _ track: Track, file: String, duration: Duration, frame: Duration = .milliseconds(40)
  ) -> [Diagnostic] {
    let end = CueTime.zero + duration
    let late = track.cues.indices.filter { track.cues[$0].start >= end }
    let long = track.cues.indices.filter { track.cues[$0].start < end && track.cues[$0].end > end + frame }
    var clock: [UInt8] = []
    ClockText.append(end, point: ".", to: &clock)
    let programme = "the video ends at \(String(decoding: clock, as: UTF8.self))"
    return [
      finding(.error, "time.past-end", late, of: track, file) { subject in
        (
          "\(programme), before \(subject) start\(late.count == 1 ? "s" : "")",
          "check that the track belongs to this video"
        )
      },
      finding(.warning, "time.past-end", long, of: track, file) { subject in
        ("\(programme), before \(subject) end\(long.count == 1 ? "s" : "")", nil)
      },
    ].compactMap { $0 }
  }

  /// Han characters in a track of a language that is not written with them.
  package static func leftUntranslated(_ track: Track, file: String) -> [Diagnostic] {
    guard !["zh", "yue", "wuu", "nan", "hak", "lzh", "ja", "ko"].contains(track.language.language) else { return [] }
    let found = track.cues.indices.filter { track.cues[$0].text.unicodeScalars.contains(where: \.isHan) }
    let excerpt = found.first.map {
      String(track.cues[$0].text.split(separator: "\n").joined(separator: " ").prefix(40))
    }
    let finding = finding(.error, "lang.han_in_en", found, of: track, file) { subject in
      (
        "\(subject) of the '\(track.language)' track \(found.count == 1 ? "has" : "have") Chinese characters: '\(excerpt ?? "")'",
        "translate what is left"
      )
    }
    return finding.map { [$0] } ?? []
  }

  /// A translation that says the same as its source, letter case and blanks aside, was never made.
  package static func identical(_ track: Track, to source: Track, file: String) -> [Diagnostic] {
    guard track.cues.count == source.cues.count else { return [] }
    let texts = track.cues.map { words($0.text) }
    // Numbers and music signs alone are the same in every language.
    guard texts.contains(where: { $0.unicodeScalars.contains(where: \.properties.isAlphabetic) }),
      zip(texts, source.cues).allSatisfy({ $0 == words($1.text) })
    else { return [] }
    return [
      Diagnostic(
        .error, "tr.fallback", at: Place(file),
        "the '\(track.language)' track says the same as the '\(source.language)' track, word for word",
        hint: "give the translated file")
    ]
  }

  private static func words(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }

  /// One diagnostic at the first of the cues; `message` gets the subject of its sentence.
  private static func finding(
    _ severity: Diagnostic.Severity, _ code: String, _ found: [Int], of track: Track, _ file: String,
    _ message: (String) -> (String, hint: String?)
  ) -> Diagnostic? {
    guard let first = found.first else { return nil }
    let hasLines = track.cueLines.count == track.cues.count
    let places = found.prefix(5).map { hasLines ? track.cueLines[$0] : $0 + 1 }.map(String.init).joined(separator: ", ")
    let more = found.count > 5 ? ", …" : ""
    let kind = hasLines ? "line" : "cue"
    let subject =
      found.count == 1
      ? (hasLines ? "the cue" : "cue \(first + 1)") : "\(found.count) cues (\(kind)s \(places)\(more))"
    let (text, hint) = message(subject)
    return Diagnostic(severity, code, at: Place(file, line: hasLines ? track.cueLines[first] : 0), text, hint: hint)
  }
}
