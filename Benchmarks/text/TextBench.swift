import FerryCore
import FerryText
import Glibc

/// How fast SubRip and WebVTT are read: megabytes a second of processor time, the best of five, for files of 50 MB.
///
/// `text-bench [--json] [KIND…]`, where a kind is such as `srt-plain`; without one, all of them.
@main
enum TextBench {
  static let size = 50_000_000
  static let rounds = 5

  /// A file of one kind, as long as a hundred lessons' subtitles are together.
  struct Sample {
    var name: String
    var format: Track.Format
    var language: String
    /// The texts of cues, over and over.
    var texts: [String]

    static let all = [
      Sample(name: "srt-plain", format: .subRip, language: "en", texts: english),
      Sample(name: "srt-chinese", format: .subRip, language: "zh-Hans", texts: chinese),
      Sample(name: "srt-markup", format: .subRip, language: "en", texts: subRipMarkup),
      Sample(name: "vtt-plain", format: .webVTT, language: "en", texts: english),
      Sample(name: "vtt-chinese", format: .webVTT, language: "zh-Hans", texts: chinese),
      Sample(name: "vtt-markup", format: .webVTT, language: "en", texts: webVTTMarkup),
    ]

    private static let english = [
      "Today we learn how to wear a mask the right way.\nWash your hands first.",
      "The network consists of many simple units,\neach of which adds and compares.",
      "Please open page twelve of your book.",
    ]
    private static let chinese = [
      "今天我们来学习怎样正确佩戴口罩。", "神经网络由许多简单的单元组成。\n大家好，欢迎来到开放大学的课堂。", "请打开课本第十二页。",
    ]
    /// More than half of the lines with tags, as tracks for the hard of hearing have them.
    private static let subRipMarkup = [
      "<i>Today</i> we <b>learn</b> how to <u>wear</u> a mask.\n<i>Wash your <b>hands</b></i> first.",
      "{\\an8}The <font color=\"#ff0000\">neural</font> network has <i>many</i> simple units.",
      "R&D says x<y &amp; <b>open</b> page <i>twelve</i>.",
    ]
    private static let webVTTMarkup = [
      "<v Anna>Today</v> we <b>learn</b> how to <u>wear</u> a mask.\n<i>Wash your <b>hands</b></i> first.",
      "<c.red>The</c> <i>neural</i> network &amp; <ruby>学<rt>xué</rt></ruby> units.",
      "R&amp;D says x&lt;y <b>open</b> page <i>twelve</i>.",
    ]

    func file(of size: Int) -> [UInt8] {
      var file: [UInt8] = []
      file.reserveCapacity(size + 1000)
      if format == .webVTT { file += "WEBVTT\n\n".utf8 }
      var number = 0
      while file.count < size {
        if format == .subRip { file += "\(number + 1)\n".utf8 }
        // Hours have two digits: the clock begins again after four days.
        let start = number * 3000 % 350_000_000
        Sample.append(start, to: &file, format)
        file += " --> ".utf8
        Sample.append(start + 2500, to: &file, format)
        file += "\n\(texts[number % texts.count])\n\n".utf8
        number += 1
      }
      return file
    }

    private static func append(_ milliseconds: Int, to file: inout [UInt8], _ format: Track.Format) {
      func digits(_ number: Int, _ count: Int) {
        let text = String(number)
        file += String(repeating: "0", count: count - text.count).utf8
        file += text.utf8
      }
      digits(milliseconds / 3_600_000, 2)
      file += ":".utf8
      digits(milliseconds / 60_000 % 60, 2)
      file += ":".utf8
      digits(milliseconds / 1000 % 60, 2)
      file += format == .subRip ? ",".utf8 : ".".utf8
      digits(milliseconds % 1000, 3)
    }
  }

  static func main() {
    let wanted = CommandLine.arguments.dropFirst()
    let isJSON = wanted.contains("--json")
    let names = wanted.filter { $0 != "--json" }
    let samples = Sample.all.filter { names.isEmpty || names.contains($0.name) }
    guard names.count <= samples.count else {
      print("text-bench: there are " + Sample.all.map(\.name).joined(separator: ", "))
      exit(64)
    }
    var answers: [String] = []
    for sample in samples {
      let (seconds, cues) = measure(sample)
      let rate = Double(size) / 1e6 / seconds
      answers.append("\"\(sample.name)\": \(Int(rate))")
      if !isJSON { print("\(sample.name): \(Int(rate)) MB/s, \(Int(seconds * 1e9) / cues) ns a cue") }
    }
    if isJSON { print("{\(answers.joined(separator: ", "))}") }
  }

  /// Seconds of processor time to read a file from bytes to cues, and how many there are.
  private static func measure(_ sample: Sample) -> (seconds: Double, cues: Int) {
    let file = sample.file(of: size)
    guard let language = LanguageTag(sample.language) else { preconditionFailure("the language is a tag") }
    var best = Double.infinity
    var cues = 0
    for _ in 0..<rounds {
      let start = clock()
      let (track, findings) = TrackFile.examine(
        bytes: file, file: "sample.\(sample.format.rawValue)", language: language)
      best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
      precondition(!findings.contains { $0.severity == .error }, "\(sample.name) has no errors")
      cues = track?.cues.count ?? 0
    }
    return (best, cues)
  }
}
