import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry subtitles convert FILE`
struct SubtitlesConvertCommand: AsyncParsableCommand {
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

  func run() async throws {
    let (target, format) = try destination()
    let convert = ConvertSubtitles(
      file: file, reading: try reading.reading(), target: target, format: format, fixes: fix, repairs: repair)
    let answer = try await output.perform(convert, in: .plain).answer
    if output.json { return try Terminal.answer(json: answer) }
    Terminal.say(answer.problems + answer.losses)
    if !output.quiet { tell(answer) }
    Terminal.answer(target)
  }

  private func tell(_ answer: ConvertedSubtitles) {
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
