import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry new FOLDER`
struct NewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a job from a folder of videos and subtitle files, paired by their names.",
    discussion: """
      lesson01.mp4 takes lesson01.zh.srt, lesson01.en.srt, lesson01.chs.srt, lesson01_英文字幕.srt and the like. What is \
      paired, what has no partner and what a person must decide is printed; the job is written beside it and never over \
      an existing file.
      """)

  @OptionGroup var output: OutputOptions
  @Argument(help: "The folder; folders inside it are looked at too.") var folder: String
  @Option(help: ArgumentHelp("Take partner, sender, profile, languages and licence from this job.", valueName: "job"))
  var like: String?
  @Option(help: ArgumentHelp("The delivery's label.", valueName: "label")) var delivery: String?
  @Option(name: .long, help: ArgumentHelp("The language filmed in.", valueName: "tag")) var source: String?
  @Option(name: .long, help: ArgumentHelp("A language to deliver; may be given several times.", valueName: "tag"))
  var deliver: [String] = []
  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The job file to write.", valueName: "file"))
  var job: String?

  func run() async throws {
    let new = WriteNewJob(
      folder: folder, target: job, model: like, delivery: delivery,
      source: try source.map { try LanguageTag(argument: $0, of: "--source") },
      deliver: try deliver.map { try LanguageTag(argument: $0, of: "--deliver") })
    let answer = try await output.perform(new, in: .plain).answer
    if output.json { return try Terminal.answer(json: answer) }
    if !output.quiet { Terminal.say(table(answer)) }
    Terminal.answer(answer.job)
  }

  private func table(_ answer: NewJobAnswer) -> String {
    let width = answer.pairs.map { Terminal.columns(of: $0.media) }.max() ?? 0
    var lines = answer.pairs.map { pair in
      let tracks = pair.tracks.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      let missing = pair.missing.map { "\($0): not found" }
      let all = (tracks + missing).joined(separator: "  ")
      return
        "  \(pair.media)\(String(repeating: " ", count: width - Terminal.columns(of: pair.media)))  \(all.isEmpty ? "no track" : all)"
    }
    lines.insert("\(counted(answer.pairs.count, "title")):", at: 0)
    if !answer.orphans.isEmpty { lines.append("without a video: " + answer.orphans.joined(separator: ", ")) }
    if !answer.doubts.isEmpty {
      lines.append("to decide:")
      lines += answer.doubts.map { "  \($0.file) \($0.reason)" }
    }
    return lines.joined(separator: "\n")
  }
}
