import ArgumentParser
import FerryCore
import FerryPipeline
import FerryText

/// `ferry subtitles convert FILE`
struct SubtitlesConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a subtitle file in another format; say what that format cannot hold.",
    discussion: """
      Reads and writes SubRip (srt), WebVTT (vtt), Advanced SubStation Alpha (ass), TTML (ttml: EBU-TT-D, which is IMSC \
      1.1 text too) and writes a transcript (txt). Always UTF-8 without a byte-order mark. Never writes over a file.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var reading: TrackOptions
  @Option(
    help: ArgumentHelp("The format: srt, vtt, ass, ttml or txt; else the output's ending says it.", valueName: "format")
  )
  var to: String?
  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The file to write.", valueName: "file"))
  var result: String?
  @Flag(
    help:
      "Make the safe changes: sort, number, drop exact duplicates, trim blanks, set ellipses, part cues that touch. Each is reported."
  )
  var fix = false
  @Flag(help: "Undo a wrong decoding that was saved (mojibake), where it can be undone to the byte.") var repair = false
  @Argument(help: "The file to read, or a video with --stream.") var file: String

  private struct Answer: Encodable {
    struct Change: Encodable {
      var rule: String
      var cue: Int
      var line: Int?
      var before: String
      var after: String
    }

    var input: String
    var output: String
    var format: Profile.TextFile
    var cues: Int
    var encoding: EncodingDecision
    var repaired: String?
    var changes: [Change]
    var losses: [Diagnostic]
    var problems: [Diagnostic]
  }

  func run() throws {
    let (target, kind) = try destination()
    let language = try reading.language(of: file)
    var repaired: String?
    var read = try reading.examine(file, language)
    if repair, reading.stream == nil, let mended = try mended(language) {
      repaired = mended.description
      let (track, problems) = TrackFile.examine(bytes: mended.bytes, file: file, language: language)
      read = (track, problems)
    }
    guard var track = read.track, !read.problems.contains(where: { $0.severity == .error }) else {
      Terminal.say(read.problems)
      throw ExitCode.badInput
    }
    var changes: [Answer.Change] = []
    if fix {
      let fixed = SafeFix.fixed(track.cues, language: language)
      changes = fixed.changes.map { change in
        Answer.Change(
          rule: change.rule, cue: change.cue + 1,
          line: track.cueLines.indices.contains(change.cue) ? track.cueLines[change.cue] : nil, before: change.before,
          after: change.after)
      }
      let lines = track.cueLines
      track.cueLines = lines.isEmpty ? [] : fixed.origins.map { lines[$0] }
      track.cues = fixed.cues
    }
    let losses = TextWriter.losses(of: track.cues, as: kind, file: file, lines: track.cueLines)
    try NewFile.write(
      TextWriter.text(of: track.cues, as: kind, language: language), to: target, for: "convert")
    let answer = Answer(
      input: file, output: target, format: kind, cues: track.cues.count, encoding: track.encoding, repaired: repaired,
      changes: changes, losses: losses, problems: read.problems)
    if output.json { return try Terminal.answer(json: answer) }
    Terminal.say(read.problems + losses)
    if !output.quiet { tell(answer) }
    Terminal.answer(target)
  }

  private func mended(_ language: LanguageTag) throws -> (bytes: [UInt8], description: String)? {
    do throws(Diagnostics) {
      return try TrackFile.repaired(
        path: file, language: language, encoding: reading.encoding.flatMap(TextEncoding.init(writtenAs:)))
    } catch {
      Terminal.say(error.all)
      throw ExitCode.badInput
    }
  }

  private func tell(_ answer: Answer) {
    if let repaired = answer.repaired { Terminal.say("\(file): \(repaired)") }
    for change in answer.changes {
      let place = change.line.map { "\(file):\($0)" } ?? "\(file): cue \(change.cue)"
      let after = change.after.isEmpty ? "left out" : oneLine(change.after)
      Terminal.say("\(place): \(change.rule): \(oneLine(change.before)) → \(after)")
    }
    let changes = fix ? ", \(counted(answer.changes.count, "change"))" : ""
    Terminal.say("\(counted(answer.cues, "cue")), read as \(answer.encoding.encoding.rawValue)\(changes)")
  }

  private func oneLine(_ text: String) -> String { "“" + text.split(separator: "\n").joined(separator: " / ") + "”" }

  /// Where to write, and what: the ending of --output and --to must agree, or one of them is enough.
  private func destination() throws -> (path: String, kind: Profile.TextFile) {
    let kinds = Profile.TextFile.allCases
    func kind(_ name: String, _ option: String) throws -> Profile.TextFile {
      if let kind = kinds.first(where: { $0.rawValue == name.lowercased() }) { return kind }
      throw ValidationError("\(option): '\(name)' is no format; write \(kinds.map(\.rawValue).joined(separator: ", "))")
    }
    let asked = try to.map { try kind($0, "--to") }
    guard let result else {
      guard let asked else { throw ValidationError("say what to write: --to vtt, or --output lesson01.en.vtt") }
      let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
      return ("\(stem).\(asked.rawValue)", asked)
    }
    if let asked { return (result, asked) }
    return (result, try kind(result.split(separator: ".").last.map(String.init) ?? "", "--output"))
  }
}
