/// When each element of a document is active, by the time containment of TTML and SMIL.
struct TTMLClock {
  /// Half open, in milliseconds; the end may be infinite.
  struct Interval {
    var start: Double
    var end: Double

    static let always = Interval(start: 0, end: .infinity)

    var isEmpty: Bool { end <= start }

    func within(_ other: Interval) -> Interval { Interval(start: max(start, other.start), end: min(end, other.end)) }
  }

  /// A longer programme than any, about a hundred years.
  static let limit = 3e12

  /// What an element says of itself, nothing else taken into account.
  private(set) var desired: [Interval]
  /// What is left of that within all that the element stands in.
  private(set) var active: [Interval]

  private let tree: TTMLTree
  private let times: TTMLTimes

  init(_ tree: TTMLTree, times: TTMLTimes, findings: inout Findings) {
    self.tree = tree
    self.times = times
    active = []
    desired = [Interval](repeating: .always, count: tree.nodes.count)
    for node in tree.nodes.indices where tree.nodes[node].kind == .body || tree.nodes[node].kind == .region {
      place(node, reference: 0, inSequence: false, &findings)
    }
    active = desired
    for node in tree.nodes.indices.dropFirst() {
      active[node] = desired[node].within(active[tree.nodes[node].parent])
    }
  }

  /// Finds the times of an element and all in it; `reference` is the moment that its own times count from.
  ///
  /// Its depth is limited by the scanner's.
  private mutating func place(_ node: Int, reference: Double, inSequence: Bool, _ findings: inout Findings) {
    let kind = tree.nodes[node].kind
    let begin = time(node, .begin, &findings)
    let duration = time(node, .duration, &findings)
    let end = time(node, .end, &findings)
    let start = reference + (begin ?? 0)
    let isSequence = tree.attribute(node, .timeContainer)?.value == "seq"
    // A break, a region, an animation and text last as long as what they stand in, and for no time in a sequence.
    let isAtom = kind == .lineBreak || kind == .region || kind == .set || kind == .text
    var implicit = isAtom && !inSequence ? .infinity : start
    var next = start
    for child in tree.children(of: node) {
      switch tree.nodes[child].kind {
      case .agent, .name, .style, .container: continue
      default: break
      }
      place(child, reference: isSequence ? next : start, inSequence: isSequence, &findings)
      let childEnd = desired[child].end
      next = childEnd
      implicit = isSequence ? childEnd : max(implicit, childEnd)
    }
    let stop =
      switch (duration, end) {
      case (nil, nil): implicit
      case (let duration?, nil): start + duration
      case (nil, let end?): reference + end
      case (let duration?, let end?): min(start + duration, reference + end)
      }
    desired[node] = Interval(start: start, end: stop)
    if let end, reference + end <= start {
      let attribute = tree.attribute(node, .end)
      findings.error(
        "time.negative", line: attribute.map { Int($0.line) } ?? 0, column: attribute.map { Int($0.column) } ?? 0,
        "\(kind == .paragraph ? "the cue" : "this element") does not end after it starts", hint: "correct the end time")
    }
  }

  private func time(_ node: Int, _ key: TTMLTree.Key, _ findings: inout Findings) -> Double? {
    guard let attribute = tree.attribute(node, key) else { return nil }
    let (line, column) = (Int(attribute.line), Int(attribute.column))
    let shown = String(attribute.value.prefix(40))
    do throws(TTMLTimes.Fault) {
      let time = try times.milliseconds(attribute.value) { findings.note($0, line: line, column: column) }
      guard time <= TTMLClock.limit else { throw TTMLTimes.Fault.malformed }
      return time
    } catch .negative {
      findings.error(
        "time.negative", line: line, column: column, "the time '\(shown)' is before the beginning",
        hint: "shift the track so that its first cue is at 00:00:00.000 or later")
    } catch .outOfRange {
      findings.error(
        "fmt.parse", line: line, column: column, "minutes and seconds go from 00 to 59",
        hint: "correct the time in the program that wrote it")
    } catch .frame(let rate) {
      findings.error(
        "fmt.parse", line: line, column: column,
        "the time '\(shown)' counts a frame that \(rate) frames a second do not have",
        hint: "correct it, or 'ttp:frameRate' on the document's element")
    } catch {
      findings.error(
        "fmt.parse", line: line, column: column, "the time '\(shown)' cannot be read",
        hint: "write it as 00:00:01.000 or 1.5s")
    }
    return nil
  }
}

extension TTMLTimes {
  /// What the document's element says of its times; `nil` after an error that makes them worthless.
  init?(_ tree: TTMLTree, findings: inout Findings) {
    func error(_ key: TTMLTree.Key, _ message: String, _ hint: String) {
      let attribute = tree.attribute(0, key)
      findings.error(
        "fmt.parse", line: attribute.map { Int($0.line) } ?? 1, column: attribute.map { Int($0.column) } ?? 1, message,
        hint: hint)
    }
    func number(_ key: TTMLTree.Key, _ name: String) -> Int?? {
      guard let text = tree.attribute(0, key)?.value else { return .some(nil) }
      guard let value = Int(text), (1...1_000_000_000).contains(value) else {
        error(key, "'ttp:\(name)' is '\(text.prefix(40))', which is no number of at least 1", "correct it")
        return nil
      }
      return value
    }
    guard let frameRate = number(.frameRate, "frameRate"), let subFrameRate = number(.subFrameRate, "subFrameRate"),
      let tickRate = number(.tickRate, "tickRate")
    else { return nil }
    hasFrameRate = frameRate != nil
    self.frameRate = frameRate ?? 30
    self.subFrameRate = subFrameRate ?? 1
    if let text = tree.attribute(0, .frameRateMultiplier)?.value {
      let parts = text.split(whereSeparator: { $0 == " " || $0 == ":" }).map { Int($0) ?? 0 }
      guard (1...2).contains(parts.count), parts.allSatisfy({ (1...1_000_000).contains($0) }) else {
        error(
          .frameRateMultiplier,
          "'ttp:frameRateMultiplier' is '\(text.prefix(40))', which is no ratio such as '1000 1001'",
          "correct it")
        return nil
      }
      multiplier = Double(parts[0]) / Double(parts.count == 2 ? parts[1] : 1)
    }
    // Without a rate of their own, ticks are frames or parts of them where there are frames (TTML 2, section 7.2.16).
    let perFrame = hasFrameRate ? Double(self.frameRate) * multiplier * Double(self.subFrameRate) : 1
    self.tickRate = tickRate.map(Double.init) ?? perFrame
    switch tree.attribute(0, .timeBase)?.value {
    case "clock":
      error(
        .timeBase, "the times are times of day (ttp:timeBase 'clock'), which have no place on a programme's timeline",
        "export the track with times that count from the programme's beginning")
      return nil
    case "smpte": isTimeCode = true
    default: break
    }
    switch tree.attribute(0, .dropMode)?.value {
    case "dropNTSC": dropMode = .ntsc
    case "dropPAL": dropMode = .pal
    default: break
    }
  }
}
