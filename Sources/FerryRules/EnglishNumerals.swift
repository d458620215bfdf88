internal import FerryCore

/// Numbers in English words: twenty-one, two hundred and five, second, twice, half a million.
enum EnglishNumerals {
  /// The scale behind Arabic digits, as the zeros it adds: `3.5 million`.
  static func scale(_ text: [Unicode.Scalar], _ start: Int) -> (zeros: Int, end: Int)? {
    var index = start
    while index < text.count, text[index] == " " || text[index] == "-" { index += 1 }
    guard index > start else { return nil }
    let word = text[index...].prefix(while: \.isASCIILetter)
    guard let zeros = scales[String(String.UnicodeScalarView(word)).lowercased()] else { return nil }
    return (zeros, index + word.count)
  }

  static func read(_ text: [Unicode.Scalar], _ found: inout [FoundNumber]) {
    var counter = Counter()
    var index = 0
    while index < text.count {
      guard text[index].isASCIILetter else {
        // Words joined by a blank or a hyphen may be one number; anything else ends it.
        if text[index] != " ", text[index] != "-", text[index] != "\n" { counter.finish(&found) }
        index += 1
        continue
      }
      let word = text[index...].prefix(while: \.isASCIILetter)
      counter.add(String(String.UnicodeScalarView(word)), &found)
      index = word.endIndex
    }
    counter.finish(&found)
  }

  /// Adds up the words of one number.
  private struct Counter {
    private var total = 0
    private var current = 0
    private var words: [String] = []
    /// The number just before, for `one and a half`.
    private var previous: Int?
    private var isOpenToAnd = false

    mutating func add(_ written: String, _ found: inout [FoundNumber]) {
      let word = written.lowercased()
      if let value = units[word] {
        // `two thousand twenty-one` goes on; `one two three` are three numbers.
        let fits = words.isEmpty || current % 100 == 0 || current % 10 == 0 && current % 100 >= 20 && value < 10
        if !fits { finish(&found) }
        current += value
        words.append(written)
        isOpenToAnd = false
      } else if let zeros = scales[word], !words.isEmpty, total < 1_000_000_000_000,
        zeros > 2 || current < 100
      {
        let weight = (0..<zeros).reduce(1) { result, _ in result * 10 }
        if zeros == 2 {
          current = max(1, current) * 100
        } else {
          total += max(1, current) * weight
          current = 0
        }
        words.append(written)
        isOpenToAnd = true
      } else if word == "a" || word == "an" {
        finish(&found)
        words = [written]
      } else if word == "and", isOpenToAnd {
        isOpenToAnd = false
      } else {
        finish(&found)
        other(word, written, &found)
      }
    }

    mutating func finish(_ found: inout [FoundNumber]) {
      let value = total + current
      let before = value > 0 ? value : previous
      defer {
        self = Counter()
        previous = before
      }
      guard value > 0 else { return }
      let text = words.joined(separator: " ")
      found.append(FoundNumber(values: [ExactNumber(value)], text: text, isFirm: value > 12 && words.count > 0))
    }

    /// Words that say a number by themselves.
    private mutating func other(_ word: String, _ written: String, _ found: inout [FoundNumber]) {
      func add(_ values: [ExactNumber]) {
        found.append(FoundNumber(values: values, text: written, isFirm: false))
      }
      let before = previous
      if word != "and" { previous = nil }
      if let value = EnglishNumerals.others[word] {
        add([ExactNumber(value)])
      } else if word == "half" || word == "halves" {
        found.append(FoundNumber(values: [ExactNumber("0", fraction: "5")], text: written, isFirm: false))
        found.append(FoundNumber(values: [ExactNumber(50)], text: written, isFirm: false))
        found.append(FoundNumber(values: [ExactNumber(500_000)], text: written, isFirm: false))
        // One and a half, and one and a half thousand, million or billion.
        if let before { add([0, 3, 6, 9].map { ExactNumber(String(before), fraction: "5", timesTen: $0) }) }
      } else if scales[word] != nil, let zeros = scales[word] {
        add([ExactNumber("1", timesTen: zeros)])
      } else if written == written.uppercased(), let value = roman[written] {
        add([ExactNumber(value)])
      }
    }
  }

  private static let scales = ["hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12]

  /// Cardinals and ordinals, and both in the plural for fractions and decades: two thirds, the nineties.
  private static let units: [String: Int] = {
    let ones = [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
      "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    let ordinals = [
      "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
      "eleventh", "twelfth",
    ]
    let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    var units: [String: Int] = [:]
    for (value, word) in ones.enumerated() {
      units[word] = value
      if value > 12 { units[word + "th"] = value }
    }
    for (value, word) in ordinals.enumerated() {
      units[word] = value
      if value > 2 { units[word + "s"] = value }
    }
    for (index, word) in tens.enumerated() {
      let value = (index + 2) * 10
      let stem = word.dropLast()
      units[word] = value
      units[stem + "ieth"] = value
      units[stem + "ies"] = value
    }
    return units
  }()

  private static let others: [String: Int] = {
    var others = [
      "once": 1, "single": 1, "firstly": 1, "twice": 2, "both": 2, "couple": 2, "pair": 2, "double": 2, "secondly": 2,
      "thirdly": 3, "triple": 3, "thrice": 3, "quarter": 4, "quarters": 4, "dozen": 12, "score": 20, "hundreds": 100,
      "hundredth": 100, "thousandth": 1000, "century": 100, "decade": 10, "noon": 12, "midnight": 12,
    ]
    let months = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
      "december",
    ]
    for (index, month) in months.enumerated() {
      others[month] = index + 1
      if month.count > 3 { others[String(month.prefix(3))] = index + 1 }
    }
    return others
  }()

  private static let roman: [String: Int] = {
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
    var roman: [String: Int] = [:]
    for value in 1..<40 { roman[String(repeating: "X", count: value / 10) + ones[value % 10]] = value }
    return roman
  }()
}
