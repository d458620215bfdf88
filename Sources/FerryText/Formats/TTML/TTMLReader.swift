internal import FerryCore

/// Makes cues of a document's paragraphs.
struct TTMLReader {
  private let tree: TTMLTree
  private let clock: TTMLClock
  private let regions: TTMLRegions
  private let agents: [String: String]
  private var styles: TTMLStyleSheet
  private var initial = TTMLStyle()
  private(set) var findings: Findings
  private(set) var cues: [Cue] = []
  private(set) var cueLines: [Int] = []
  private var endless: (line: Int, column: Int, count: Int)?
  /// What paragraphs may still cost, in pieces and bytes looked at; one that changes while it shows is looked at often.
  private var budget = 24 << 20

  init(_ tree: TTMLTree, _ times: TTMLTimes, _ findings: Findings) {
    var findings = findings
    self.tree = tree
    clock = TTMLClock(tree, times: times, findings: &findings)
    styles = TTMLStyleSheet(tree)
    regions = TTMLRegions(tree, clock, styles: &styles)
    agents = TTMLReader.agents(tree)
    self.findings = findings
  }

  /// What an element hands on to those in it.
  private struct Context {
    /// What body and divisions say of themselves, from the outside in.
    var specified: [TTMLStyle] = []
    var region: String?
    var voice: String?
    var keepsBlanks = false
    var isDisplayed = true
    var gates: [TTMLGate] = []
  }

  mutating func read() {
    for node in tree.nodes.indices {
      switch tree.nodes[node].kind {
      case .initial: initial.apply(TTMLStyle(inline: tree.attributes(of: node)))
      case .set where tree.nodes[tree.nodes[node].parent].kind == .region: note(.animation, node)
      default: break
      }
    }
    var context = Context()
    context.keepsBlanks = tree.attribute(0, .space)?.value == "preserve"
    for node in tree.children(of: 0) where tree.nodes[node].kind == .body { block(node, context) }
    if let endless {
      let more = endless.count == 1 ? "" : " (and \(endless.count - 1) more)"
      findings.error(
        "time.endless", line: endless.line, column: endless.column,
        "the cue has no end, so it would stay on the screen to the end of the programme\(more)",
        hint: "write 'end' or 'dur' on the paragraph, or on what it stands in")
    }
    if cues.isEmpty, !findings.hasErrors {
      findings.error(
        "fmt.empty", "the document has no cues: no paragraph 'p' in it shows text",
        hint: "give a SubRip, WebVTT or TTML file")
    }
  }

  private mutating func note(_ repair: Repair, _ node: Int) {
    findings.note(repair, line: Int(tree.nodes[node].line), column: Int(tree.nodes[node].column))
  }

  private mutating func block(_ node: Int, _ outer: Context) {
    let (inner, own) = entered(node, outer)
    var context = inner
    context.specified.append(own)
    for child in tree.children(of: node) {
      switch tree.nodes[child].kind {
      case .div: block(child, context)
      case .paragraph: paragraph(child, context)
      default: break
      }
    }
  }

  /// The context inside an element, and what the element says of itself.
  private mutating func entered(_ node: Int, _ outer: Context) -> (Context, TTMLStyle) {
    var context = outer
    let specified = styles.specified(node)
    context.region = tree.attribute(node, .region)?.value ?? context.region
    if let space = tree.attribute(node, .space) { context.keepsBlanks = space.value == "preserve" }
    if let agent = tree.attribute(node, .agent) {
      context.voice = agents[agent.value]
      if context.voice == nil { note(.agent, node) }
    }
    let isDisplayed = specified.isDisplayed ?? true
    if let gate = gate(of: node, isOpenFirst: isDisplayed, room: 64 - context.gates.reduce(0) { $0 + $1.steps.count }) {
      context.gates.append(gate)
    } else {
      context.isDisplayed = context.isDisplayed && isDisplayed
    }
    return (context, specified)
  }

  private mutating func gate(of node: Int, isOpenFirst: Bool, room: Int) -> TTMLGate? {
    var gate = TTMLGate(isOpenFirst: isOpenFirst, steps: [])
    for child in tree.children(of: node) where tree.nodes[child].kind == .set {
      let style = TTMLStyle(inline: tree.attributes(of: child))
      guard let isOpen = style.isDisplayed, gate.steps.count < room else {
        note(.animation, child)
        continue
      }
      let active = clock.active[child]
      gate.steps.append((TTMLReader.milliseconds(active.start), TTMLReader.milliseconds(active.end), isOpen))
    }
    return gate.steps.isEmpty ? nil : gate
  }

  // Paragraphs

  private mutating func paragraph(_ node: Int, _ outer: Context) {
    let (context, own) = entered(node, outer)
    let region = context.region.flatMap(regions.named)
    if region == nil, context.region != nil || !regions.isEmpty { note(.noRegion, node) }
    var style = initial
    if let region { style.inherit(region.style) }
    for specified in context.specified + [own] { style.inherit(specified) }

    var collector = Collector(window: region?.active ?? .always)
    if region?.style.isDisplayed == false {
      collector.hidden = collector.hidden ?? node
    } else {
      collect(node, style, context, &collector)
    }
    if let hidden = collector.hidden { note(.hidden, hidden) }
    if let unseen = collector.unseen {
      findings.error(
        "time.unseen", line: Int(tree.nodes[unseen].line), column: Int(tree.nodes[unseen].column),
        "this text is never shown: its times lie outside those of what it stands in",
        hint: "times count from the beginning of the element around; correct them")
    }

    let placement = regions.placement(in: region?.style, text: style)
    let template = Cue(
      identifier: tree.attribute(node, .identifier).flatMap { TTMLIdentifier.read($0.value) }, start: .zero, end: .zero,
      lines: [], settings: placement.settings, layer: region?.style.zIndex ?? 0)
    emit(node, collector, template)
  }

  private struct Collector {
    var window: TTMLClock.Interval
    var pieces: [TTMLPiece] = []
    /// The first text that is not displayed, and the first that never is.
    var hidden: Int?
    var unseen: Int?
  }

  /// Takes the pieces of what stands in a paragraph or span.
  private mutating func collect(_ node: Int, _ style: TTMLStyle, _ context: Context, _ collector: inout Collector) {
    for child in tree.children(of: node) {
      switch tree.nodes[child].kind {
      case .text:
        // Blanks alone are one blank, however many; between timed spans there are as many of them as spans.
        var range = tree.nodes[child].text
        if !context.keepsBlanks, tree.text(of: child).allSatisfy({ $0 <= 0x20 }) {
          range = range.lowerBound..<min(range.upperBound, range.lowerBound + 1)
        }
        add(child, .text(range), style, context, &collector)
      case .lineBreak:
        add(child, .lineBreak, style, context, &collector)
      case .span, .bold, .italic, .underline, .unknown:
        let (inner, specified) = entered(child, context)
        var style = style
        switch tree.nodes[child].kind {
        case .bold: style.bold = true
        case .italic: style.italic = true
        case .underline: style.underline = true
        default: break
        }
        style.inherit(specified)
        if specified.hasLook { note(.font, child) }
        switch specified.ruby {
        case .container: ruby(child, style, inner, &collector)
        case .delimiter: break
        default: collect(child, style, inner, &collector)
        }
      default: break
      }
    }
  }

  private mutating func add(
    _ node: Int, _ content: TTMLPiece.Content, _ style: TTMLStyle, _ context: Context, _ collector: inout Collector
  ) {
    let hasText =
      switch content {
      case .text: tree.text(of: node).contains { $0 > 0x20 }
      case .ruby: true
      case .lineBreak: false
      }
    guard context.isDisplayed, style.isVisible != false else {
      if hasText { collector.hidden = collector.hidden ?? node }
      return
    }
    let shown = clock.active[node].within(collector.window)
    let (start, end) = (TTMLReader.milliseconds(shown.start), TTMLReader.milliseconds(shown.end))
    guard start < end else {
      if hasText, collector.unseen == nil, !hasTimeError(node) { collector.unseen = node }
      return
    }
    collector.pieces.append(
      TTMLPiece(
        content: content, start: start, end: end, style: style.runStyle, voice: context.voice,
        keepsBlanks: context.keepsBlanks, gates: context.gates))
  }

  /// Whether the times of an element around were found wrong, so that nothing more need be said.
  private func hasTimeError(_ node: Int) -> Bool {
    var node = node
    while node != 0 {
      if clock.desired[node].isEmpty, tree.attribute(node, .end) != nil { return true }
      node = tree.nodes[node].parent
    }
    return false
  }

  /// Bases and readings stand in turn, or all bases before all readings.
  private mutating func ruby(_ node: Int, _ style: TTMLStyle, _ context: Context, _ collector: inout Collector) {
    var bases: [String] = []
    var readings: [String] = []
    var last = node + 1
    while last < tree.nodes[node].end {
      defer { last += 1 }
      guard tree.nodes[last].kind != .text else { continue }
      let specified = styles.specified(last)
      switch specified.ruby {
      case .base: bases.append(words(last, context))
      case .text: readings.append(words(last, context))
      default: continue
      }
      last = tree.nodes[last].end - 1
    }
    if bases.count != readings.count || bases.isEmpty {
      bases = [bases.joined()]
      readings = [readings.joined(separator: " ")]
    }
    for (base, reading) in zip(bases, readings) where !base.isEmpty || !reading.isEmpty {
      add(node, .ruby(base: base, reading: reading), style, context, &collector)
    }
  }

  private func words(_ node: Int, _ context: Context) -> String {
    let text = (node..<tree.nodes[node].end).filter { tree.nodes[$0].kind == .text }.flatMap { tree.text(of: $0) }
    let words = text.split { $0 <= 0x20 }
    let joined = context.keepsBlanks ? text : Array(words.joined(separator: [0x20]))
    return String(decoding: joined, as: UTF8.self)
  }

  // Cues

  private mutating func emit(_ node: Int, _ collector: Collector, _ template: Cue) {
    let pieces = collector.pieces
    var moments = Set<Int>()
    for piece in pieces {
      moments.insert(piece.start)
      moments.insert(piece.end)
      for step in piece.gates.lazy.flatMap(\.steps) {
        for moment in [step.start, step.end] where piece.start < moment && moment < piece.end { moments.insert(moment) }
      }
    }
    let sorted = moments.sorted()
    let isSplit = sorted.count > 2
    let first = cues.count
    var waiting = pieces.indices.sorted { (pieces[$0].start, $0) < (pieces[$1].start, $1) }[...]
    /// The pieces that are on, in the order of the document.
    var active: [Int] = []
    for (start, end) in zip(sorted, sorted.dropFirst()) {
      active.removeAll { pieces[$0].end <= start }
      let begun = waiting.prefix { pieces[$0].start <= start }
      waiting = waiting[begun.endIndex...]
      if !begun.isEmpty { active = (active + begun).sorted() }
      var builder = TTMLLineBuilder()
      for index in active where pieces[index].isShown(at: start) {
        budget -= pieces[index].cost
        builder.append(pieces[index], of: tree.text)
      }
      budget -= active.count
      guard budget >= 0 || !isSplit else { return giveUp(node, changes: sorted.count - 1, first) }
      let hasText = builder.hasText
      var lines = builder.finish()
      guard hasText || !isSplit && collector.hidden == nil else { continue }
      if isSplit { lines = TTMLReader.withoutBlankEnds(lines) }
      if cues.count > first, let last = cues.last, last.end.milliseconds == start, last.lines == lines {
        cues[cues.count - 1].end = CueTime(milliseconds: end)
      } else {
        if !hasText { note(.emptyCue, node) }
        append(node, template, start, end, lines)
      }
    }
    // A paragraph of nothing at all has no pieces, and is a cue nevertheless where it has times.
    let own = clock.active[node].within(collector.window)
    if pieces.isEmpty, collector.hidden == nil, collector.unseen == nil, own.end.isFinite,
      TTMLReader.milliseconds(own.start) < TTMLReader.milliseconds(own.end)
    {
      note(.emptyCue, node)
      append(node, template, TTMLReader.milliseconds(own.start), TTMLReader.milliseconds(own.end), [])
    }
    for index in first..<cues.count where cues[index].end == TTML.never {
      cues[index].end = CueTime(milliseconds: max(TTML.endless, cues[index].start.milliseconds + 1))
      // An end that is there and could not be read has been told about.
      if hasEnd(node) { continue }
      endless =
        endless.map { ($0.line, $0.column, $0.count + 1) }
        ?? (Int(tree.nodes[node].line), Int(tree.nodes[node].column), 1)
    }
  }

  private mutating func append(_ node: Int, _ template: Cue, _ start: Int, _ end: Int, _ lines: [[Run]]) {
    var cue = template
    (cue.start, cue.end) = (CueTime(milliseconds: start), CueTime(milliseconds: end))
    cue.lines = lines
    cues.append(cue)
    cueLines.append(Int(tree.nodes[node].line))
  }

  /// Working out what a paragraph shows at each time may take the square of its size; all of them share a limit.
  private mutating func giveUp(_ node: Int, changes: Int, _ first: Int) {
    cues.removeSubrange(first...)
    cueLines.removeSubrange(first...)
    findings.error(
      "fmt.parse", line: Int(tree.nodes[node].line), column: Int(tree.nodes[node].column),
      "this paragraph changes \(changes) times while it shows, too often for its length",
      hint: "make a paragraph of each text")
  }

  private func hasEnd(_ node: Int) -> Bool {
    var node = node
    while node != 0 {
      if tree.attribute(node, .end) != nil || tree.attribute(node, .duration) != nil { return true }
      node = tree.nodes[node].parent
    }
    return false
  }

  private static func withoutBlankEnds(_ lines: [[Run]]) -> [[Run]] {
    let kept = lines.drop { $0.isEmpty }
    return Array(kept.reversed().drop { $0.isEmpty }.reversed())
  }

  private static func milliseconds(_ time: Double) -> Int { time.isFinite ? Int(bounded: time) : Int.max }

  private static func agents(_ tree: TTMLTree) -> [String: String] {
    var agents: [String: String] = [:]
    for node in tree.nodes.indices where tree.nodes[node].kind == .agent {
      guard let identifier = tree.attribute(node, .identifier),
        let name = tree.children(of: node).first(where: { tree.nodes[$0].kind == .name })
      else { continue }
      let words = tree.children(of: name).flatMap { tree.text(of: $0) }.split { $0 <= 0x20 }
      if !words.isEmpty {
        agents[identifier.value] = String(decoding: Array(words.joined(separator: [0x20])), as: UTF8.self)
      }
    }
    return agents
  }
}
