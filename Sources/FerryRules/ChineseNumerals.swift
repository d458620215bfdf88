internal import FerryCore

/// Numbers in Chinese characters: 百分之八十, 第二章, 三十七点三, 二〇二〇, 一百二.
enum ChineseNumerals {
  /// The unit behind Arabic digits, as the zeros it adds: 万 in 1.2万, 千万 in 3千万.
  static func unit(_ text: [Unicode.Scalar], _ start: Int) -> (zeros: Int, end: Int)? {
    var zeros = 0
    var end = start
    while end < text.count, zeros < 16, let power = powers[text[end]] {
      zeros += power
      end += 1
    }
    return end > start ? (zeros, end) : nil
  }

  /// Reads a numeral that begins at `start` and returns where it ends; `nil` when none begins there.
  static func read(_ text: [Unicode.Scalar], _ start: Int, _ found: inout [FoundNumber]) -> Int? {
    guard text[start].value >= 0x3007, beginnings.contains(text[start]) else { return nil }
    if text[start...].starts(with: "百分之".unicodeScalars) {
      let behind = start + 3
      guard behind < text.count, !text[behind].isPlainDigit else { return behind }
      guard text[behind] != "百" else {
        found.append(FoundNumber(values: [ExactNumber(100)], text: "百分之百", isFirm: true))
        return behind + 1
      }
      return numeral(text, behind, prefix: .percent, &found) ?? behind
    }
    if text[start] == "第" {
      return numeral(text, start + 1, prefix: .ordinal, &found) ?? start + 1
    }
    // 几十, 数百, 上千: no number that a translation could get wrong.
    if "几幾数數上成好多".unicodeScalars.contains(text[start]), start + 1 < text.count, powers[text[start + 1]] != nil {
      return start + 1 + text[(start + 1)...].prefix { powers[$0] != nil }.count
    }
    if text[start] == "半" {
      found.append(FoundNumber(values: [ExactNumber("0", fraction: "5")], text: "半", isFirm: false))
      return start + 1
    }
    return numeral(text, start, prefix: .none, &found)
  }

  private enum Prefix { case none, ordinal, percent }

  private static func numeral(
    _ text: [Unicode.Scalar], _ start: Int, prefix: Prefix, _ found: inout [FoundNumber]
  ) -> Int? {
    guard start < text.count else { return nil }
    let run = text[start...].prefix { values[$0] != nil || powers[$0] != nil }
    guard let first = run.first else { return nil }
    let end = run.endIndex
    // 万一, 千万 (be sure to), 十分 (very) begin with a unit; 十二 is the one numeral that does.
    guard values[first] != nil || first == "十" else { return end }
    guard run.count <= 24, let number = value(of: run) else { return end }
    let sign = [Prefix.percent: "百分之", .ordinal: "第"][prefix] ?? ""
    let written = sign + String(String.UnicodeScalarView(run))
    if let decimal = decimal(text, end, written) {
      found.append(
        FoundNumber(values: [ExactNumber(String(number), fraction: decimal.digits)], text: decimal.text, isFirm: true))
      return decimal.end
    }
    let rest = text[end...]
    let isFraction = rest.starts(with: "分之".unicodeScalars) || start >= 2 && text[start - 1] == "之"
    let isFirm: Bool
    switch prefix {
    case .percent: isFirm = true
    case .ordinal: isFirm = number > 10 || rest.first.map("章节課课讲講单单元集册條条页頁回".unicodeScalars.contains) ?? false
    case .none: isFirm = !isFraction && self.isFirm(run, number)
    }
    found.append(
      FoundNumber(
        values: [ExactNumber(number)] + Numbers.alternatives(of: number, before: rest), text: written, isFirm: isFirm))
    return end
  }

  /// Numerals of several characters are meant as numbers; 三四 and 五六十 only say about how many.
  private static func isFirm(_ run: ArraySlice<Unicode.Scalar>, _ number: Int) -> Bool {
    let characters = Array(run)
    guard characters.count > 1 else { return false }
    if characters.allSatisfy({ values[$0] != nil }) {
      return characters.count >= 4 || characters.contains { $0 == "〇" || $0 == "零" } && number > 10
    }
    let isVague = zip(characters, characters.dropFirst()).contains { a, b in
      (values[a] ?? 0) > 0 && (values[b] ?? 0) > 0
    }
    // 千千万万, 百十来个: units side by side with nothing to count them.
    return !isVague
  }

  /// The digits behind 点, unless it is a time of day: 三点五十 is 3:50.
  private static func decimal(
    _ text: [Unicode.Scalar], _ point: Int, _ whole: String
  ) -> (digits: String, text: String, end: Int)? {
    guard point < text.count, text[point] == "点" || text[point] == "點" else { return nil }
    let digits = text[(point + 1)...].prefix { values[$0] != nil && $0 != "两" && $0 != "兩" }
    let end = point + 1 + digits.count
    guard !digits.isEmpty, end == text.count || powers[text[end]] != 1 && text[end] != "分" else { return nil }
    let written = whole + "点" + String(String.UnicodeScalarView(digits))
    return (digits.compactMap { values[$0].map(String.init) }.joined(), written, end)
  }

  /// `nil` for what is no number, such as 十十, or too large to count.
  private static func value(of run: ArraySlice<Unicode.Scalar>) -> Int? {
    if run.allSatisfy({ values[$0] != nil }) {
      return Int(run.compactMap { values[$0].map(String.init) }.joined())
    }
    var total = 0
    var section = 0
    var digit: Int?
    var lastPower = 0
    for scalar in run {
      if let value = values[scalar] {
        digit = value
        if value == 0 { lastPower = 0 }
        continue
      }
      guard let power = powers[scalar] else { return nil }
      let weight = weight(power)
      if power >= 4 {
        section += digit ?? 0
        guard section > 0 || power == 8 && total > 0, total < 1_000_000_000_000_000 else { return nil }
        // 一万亿: the units multiply.
        let (product, overflows) = (power == 8 ? total + section : section).multipliedReportingOverflow(by: weight)
        guard !overflows else { return nil }
        total = power == 8 ? product : total + product
        section = 0
      } else {
        section += (digit ?? (power == 1 && section == 0 ? 1 : 0)) * weight
      }
      digit = nil
      lastPower = power
    }
    // 一百二 and 两万五 leave out the last unit.
    if let digit { section += lastPower > 1 ? digit * weight(lastPower - 1) : digit }
    let (sum, overflows) = total.addingReportingOverflow(section)
    return overflows || sum > 1_000_000_000_000_000 ? nil : sum
  }

  private static func weight(_ power: Int) -> Int { (0..<power).reduce(1) { result, _ in result * 10 } }

  private static let beginnings = Set("第半几幾数數上成好多零〇一二两兩三四五六七八九十百千万萬亿億".unicodeScalars)
  private static let values: [Unicode.Scalar: Int] = [
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
  ]
  private static let powers: [Unicode.Scalar: Int] = ["十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8]
}
