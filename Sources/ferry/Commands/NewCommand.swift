import ArgumentParser
import FerryCore
import FerryOperations
import FerryText
import Foundation

/// `ferry new FOLDER`
struct NewCommand: ParsableCommand {
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

  private struct Answer: Encodable {
    struct Pair: Encodable {
      var media: String
      var tracks: [String: String]
      var missing: [LanguageTag]
    }

    var job: String
    var pairs: [Pair]
    var orphans: [String]
    var doubts: [FolderPairing.Doubt]
  }

  func run() throws {
    let model = try like.map { try readModel($0) }
    let source = try self.source.map { try tag($0, "--source") } ?? model?.language.source ?? tag("zh-Hans", "")
    let deliver =
      try self.deliver.isEmpty
      ? model?.language.deliver ?? [tag("en", "")] : self.deliver.map { try tag($0, "--deliver") }
    let folder = URL(fileURLWithPath: self.folder).standardizedFileURL.path
    let pairing = FolderPairing(try files(in: folder), source: source) { LanguageGuess.of(path: folder + "/" + $0) }
    guard !pairing.pairs.isEmpty else {
      Terminal.say([
        Diagnostic(
          "new.no-media", at: Place(self.folder), "the folder has no video and no sound file",
          hint: "name the folder that the videos are in; ferry knows them by their endings: mp4, mov, mkv, ts, mp3, …")
      ])
      throw ExitCode.badInput
    }
    let name = URL(fileURLWithPath: folder).lastPathComponent
    let target = job ?? name + ".yaml"
    let label = delivery ?? label(from: name)
    let text = NewJob(
      pairing: pairing, prefix: prefix(from: target, to: folder), delivery: label, like: model, source: source,
      deliver: deliver
    ).text
    try NewFile.write(text, to: target, for: "new")
    let answer = answer(target, pairing, deliver)
    if output.json { return try Terminal.answer(json: answer) }
    if !output.quiet { Terminal.say(table(answer)) }
    Terminal.answer(target)
  }

  private func tag(_ text: String, _ option: String) throws -> LanguageTag {
    if let tag = LanguageTag(text) { return tag.registered ?? tag }
    throw ValidationError("\(option): '\(text)' is no language tag; write one such as en or zh-Hans")
  }

  private func readModel(_ path: String) throws -> Job {
    do throws(Diagnostics) {
      return try JobFile.read(path)
    } catch {
      Terminal.say(error.all)
      throw ExitCode.badInput
    }
  }

  /// Files below the folder by their relative paths; hidden ones and those in hidden folders are left out.
  private func files(in folder: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
      let all = FileManager.default.enumerator(atPath: folder)
    else {
      Terminal.say([
        Diagnostic(
          "new.folder", at: Place(self.folder), "this is no folder that can be read", hint: "name a folder of videos")
      ])
      throw ExitCode.badInput
    }
    var found: [String] = []
    for case let path as String in all {
      let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
      var isFolder: ObjCBool = false
      if !isHidden, FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        found.append(path)
      }
    }
    return found
  }

  /// A label of the folder's name, or a plain one.
  private func label(from name: String) -> String {
    let plain = String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }.prefix(60))
    return plain.first?.isLetter ?? false || plain.first?.isNumber ?? false ? plain : "DELIVERY-0001"
  }

  /// The way from the job file's folder to `folder`, ending in `/`; absolute where they share nothing.
  private func prefix(from job: String, to folder: String) -> String {
    let home = URL(fileURLWithPath: job).standardizedFileURL.deletingLastPathComponent().path
    if home == folder { return "" }
    let from = home.split(separator: "/")
    let to = folder.split(separator: "/")
    let common = zip(from, to).prefix { $0 == $1 }.count
    if common == 0 { return folder + "/" }
    return (Array(repeating: "..", count: from.count - common) + to.dropFirst(common)).joined(separator: "/") + "/"
  }

  private func answer(_ target: String, _ pairing: FolderPairing, _ deliver: [LanguageTag]) -> Answer {
    Answer(
      job: target,
      pairs: pairing.pairs.map { pair in
        Answer.Pair(
          media: pair.media.path,
          tracks: Dictionary(uniqueKeysWithValues: pair.tracks.map { ($0.language.text, $0.file.path) }),
          missing: deliver.filter { tag in !pair.tracks.contains { $0.language == tag } })
      }, orphans: pairing.orphans, doubts: pairing.doubts)
  }

  private func table(_ answer: Answer) -> String {
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
