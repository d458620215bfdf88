package import FerryCore
internal import FerryMarkup

extension TTML {
  /// Which rules a document keeps beyond those of TTML.
  package enum Dialect: Sendable {
    /// EBU-TT-D (EBU Tech 3380), which is IMSC 1.1 text as well; ruby is written in brackets.
    case ebuttD
    /// IMSC 1.1 text alone, for ruby as ruby.
    case imsc11
  }

  /// One document that holds `cues`.
  ///
  /// Characters that XML 1.0 cannot hold are written as U+FFFD. At no time do regions touch or are there more than four:
  /// a cue whose place is taken stands in the region that takes it.
  package static func text(of cues: [Cue], language: LanguageTag, dialect: Dialect = .ebuttD) -> String {
    TTMLWriter(language: language, dialect: dialect).document(TTMLWriter.placed(cues))
  }

  /// A complete document for each segment, as `stpp` samples are (ISO/IEC 14496-30, clause 5).
  ///
  /// Times are the programme's and not the segment's. A cue stands in each document whose segment it shows in, cut at the
  /// segment's ends: a sample says nothing about other times, and players that do not cut would show the cue twice.
  package static func documents(
    of cues: [Cue], segments: [(start: CueTime, end: CueTime)], language: LanguageTag, dialect: Dialect = .ebuttD
  ) -> [String] {
    let placed = TTMLWriter.placed(cues)
    return segments.map { segment in
      let shown = placed.filter { $0.cue.start < segment.end && $0.cue.end > segment.start }.map { placed in
        var placed = placed
        placed.cue.start = max(placed.cue.start, segment.start)
        placed.cue.end = min(placed.cue.end, segment.end)
        return placed
      }
      return TTMLWriter(language: language, dialect: dialect).document(shown)
    }
  }

  /// What a reader of `text(of:)` gets: `cues` without what a document cannot hold.
  package static func carried(_ cues: [Cue], dialect: Dialect = .ebuttD) -> [Cue] {
    TTMLWriter.placed(cues).map { placed in
      var cue = placed.cue
      cue.settings = placed.placement.settings
      cue.layer = 0
      cue.identifier = TTMLIdentifier.read(placed.identifier)
      cue.lines = cue.lines.map { TTMLWriter.carried($0, dialect) }
      return cue
    }
  }
}

/// A cue, and where and under which name it is written.
struct TTMLPlacedCue {
  var cue: Cue
  var placement: CuePlacement
  var identifier: String
}

struct TTMLWriter {
  private let language: LanguageTag
  private let dialect: TTML.Dialect
  private var out: [UInt8] = []

  init(language: LanguageTag, dialect: TTML.Dialect) {
    self.language = language
    self.dialect = dialect
  }

  static let regionLimit = 4

  /// Gives each cue a region that touches no other at the same time, and a name of its own.
  static func placed(_ cues: [Cue]) -> [TTMLPlacedCue] {
    var placements = [CuePlacement](repeating: .standard, count: cues.count)
    var known: [String: CuePlacement] = [:]
    var active: [(placement: CuePlacement, end: CueTime)] = []
    for index in cues.indices.sorted(by: { (cues[$0].start, $0) < (cues[$1].start, $1) }) {
      let cue = cues[index]
      active.removeAll { $0.end <= cue.start }
      let wanted = known[cue.settings] ?? CuePlacement(settings: cue.settings)
      known[cue.settings] = wanted
      let slot =
        active.firstIndex { $0.placement == wanted } ?? active.firstIndex { $0.placement.overlaps(wanted) }
        ?? (active.count < regionLimit ? nil : 0)
      if let slot {
        active[slot].end = max(active[slot].end, cue.end)
        placements[index] = active[slot].placement
      } else {
        active.append((wanted, cue.end))
        placements[index] = wanted
      }
    }
    var names = Set<String>()
    return cues.indices.map { index in
      var name = TTMLIdentifier.written(cues[index].identifier, number: index + 1)
      if !names.insert(name).inserted { name = TTMLIdentifier.written(nil, number: index + 1) }
      return TTMLPlacedCue(cue: cues[index], placement: placements[index], identifier: name)
    }
  }

  consuming func document(_ cues: [TTMLPlacedCue]) -> String {
    let regions = regions(of: cues)
    let agents = agents(of: cues)
    head(regions, agents)
    if !cues.isEmpty {
      let names = Dictionary(uniqueKeysWithValues: regions.enumerated().map { ($1, "region.\($0 + 1)") })
      let voices = Dictionary(uniqueKeysWithValues: agents.enumerated().map { ($1, "agent.\($0 + 1)") })
      write("  <body style=\"style.text\">\n    <div>\n")
      for cue in cues { paragraph(cue, region: names[cue.placement] ?? "", voices) }
      write("    </div>\n  </body>\n")
    }
    write("</tt>\n")
    return String(decoding: out, as: UTF8.self)
  }

  /// The regions in the order they are painted: those of lower layers first.
  private func regions(of cues: [TTMLPlacedCue]) -> [CuePlacement] {
    var found: [CuePlacement: (layer: Int, order: Int)] = [:]
    for cue in cues {
      let order = found[cue.placement]?.order ?? found.count
      found[cue.placement] = (min(found[cue.placement]?.layer ?? .max, cue.cue.layer), order)
    }
    let sorted = found.sorted { ($0.value.layer, $0.value.order) < ($1.value.layer, $1.value.order) }.map(\.key)
    return sorted.isEmpty ? [.standard] : sorted
  }

  private func agents(of cues: [TTMLPlacedCue]) -> [String] {
    var known = Set<String>()
    return cues.flatMap { $0.cue.lines.joined().compactMap(\.voice) }.filter { known.insert($0).inserted }
  }

  private mutating func head(_ regions: [CuePlacement], _ agents: [String]) {
    write(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
        xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
        xmlns:ebuttm="urn:ebu:tt:metadata" xmlns:ebutts="urn:ebu:tt:style"
        xml:lang="\(language)" xml:space="preserve" ttp:timeBase="media" ttp:cellResolution="50 30"

      """)
    if dialect == .imsc11 {
      write("  ttp:contentProfiles=\"http://www.w3.org/ns/ttml/profile/imsc1.1/text\"\n")
    }
    write(">\n  <head>\n    <metadata>\n")
    if dialect == .ebuttD {
      write("      <ebuttm:documentMetadata>\n")
      write("        <ebuttm:conformsToStandard>urn:ebu:tt:distribution:2014-01</ebuttm:conformsToStandard>\n")
      write("      </ebuttm:documentMetadata>\n")
    }
    for (index, agent) in agents.enumerated() {
      write("      <ttm:agent xml:id=\"agent.\(index + 1)\" type=\"person\"><ttm:name type=\"full\">")
      escape(agent)
      write("</ttm:name></ttm:agent>\n")
    }
    write(
      """
          </metadata>
          <styling>
            <style xml:id="style.text" tts:fontFamily="proportionalSansSerif" tts:fontSize="160%" tts:lineHeight="normal"
              tts:color="#ffffff" ebutts:linePadding="0.5c"/>
            <style xml:id="style.words" tts:backgroundColor="#000000c0"/>
            <style xml:id="style.italic" tts:fontStyle="italic"/>
            <style xml:id="style.bold" tts:fontWeight="bold"/>
            <style xml:id="style.underline" tts:textDecoration="underline"/>
            <style xml:id="style.start" tts:textAlign="start"/>
            <style xml:id="style.left" tts:textAlign="left"/>
            <style xml:id="style.center" tts:textAlign="center"/>
            <style xml:id="style.right" tts:textAlign="right"/>
            <style xml:id="style.end" tts:textAlign="end"/>
          </styling>
          <layout>

      """)
    for (index, region) in regions.enumerated() {
      let text = CuePlacement.text
      write("      <region xml:id=\"region.\(index + 1)\" style=\"style.\(region.align.rawValue)\"")
      write(" tts:origin=\"\(text(region.x))% \(text(region.y))%\"")
      write(" tts:extent=\"\(text(region.width))% \(text(region.height))%\"")
      write(" tts:displayAlign=\"\(region.edge.rawValue)\" tts:overflow=\"visible\"")
      if let vertical = region.vertical { write(" tts:writingMode=\"tb\(vertical.rawValue)\"") }
      write("/>\n")
    }
    write("    </layout>\n  </head>\n")
  }

  private mutating func paragraph(_ placed: TTMLPlacedCue, region: String, _ voices: [String: String]) {
    let cue = placed.cue
    write("      <p xml:id=\"\(placed.identifier)\" region=\"\(region)\" begin=\"")
    ClockText.append(cue.start, point: ".", to: &out)
    write("\" end=\"")
    ClockText.append(cue.end, point: ".", to: &out)
    write("\">")
    // One blank line alone would be no line at all.
    if cue.lines.count == 1, cue.lines[0].allSatisfy(\.text.isEmpty) { write("\u{A0}") }
    for (index, line) in cue.lines.enumerated() {
      if index > 0 { write("<br/>") }
      for run in line where !run.text.isEmpty { span(run, voices) }
    }
    write("</p>\n")
  }

  private mutating func span(_ run: Run, _ voices: [String: String]) {
    write("<span style=\"style.words")
    if run.style.contains(.italic) { write(" style.italic") }
    if run.style.contains(.bold) { write(" style.bold") }
    if run.style.contains(.underline) { write(" style.underline") }
    write("\"")
    if let agent = run.voice.flatMap({ voices[$0] }) { write(" ttm:agent=\"\(agent)\"") }
    if dialect == .imsc11, let ruby = run.ruby {
      write(" tts:ruby=\"container\"><span tts:ruby=\"base\">")
      escape(run.text)
      write("</span><span tts:ruby=\"text\">")
      escape(ruby)
      write("</span>")
    } else {
      write(">")
      escape(run.withRubyInBrackets)
    }
    write("</span>")
  }

  private mutating func write(_ text: String) { out += text.utf8 }

  private mutating func escape(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": write("&amp;")
      case "<": write("&lt;")
      case ">": write("&gt;")
      // A reader would take it for a line end.
      case "\r": write("&#13;")
      case let scalar where !XMLScanner.isCharacter(scalar): write("\u{FFFD}")
      case let scalar: out += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
  }

  /// A line as it reads back.
  static func carried(_ line: [Run], _ dialect: TTML.Dialect) -> [Run] {
    var runs: [Run] = []
    for var run in line where !run.text.isEmpty {
      if dialect == .ebuttD { (run.text, run.ruby) = (run.withRubyInBrackets, nil) }
      run.text = withoutForbidden(run.text)
      run.ruby = run.ruby.map(withoutForbidden)
      if let last = runs.last, last.style == run.style, last.voice == run.voice, last.ruby == nil, run.ruby == nil {
        runs[runs.count - 1].text += run.text
      } else {
        runs.append(run)
      }
    }
    return runs.map(\.text) == ["\u{A0}"] ? [] : runs
  }

  private static func withoutForbidden(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { XMLScanner.isCharacter($0) ? $0 : "\u{FFFD}" }))
  }
}
