import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry profiles [NAME|FILE]`
struct ProfilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles",
    abstract: "List the built-in profiles, or print one as a file to begin your own from; checks a file.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "A built-in profile's name, or a profile file.") var profile: String?

  func run() throws {
    guard let name = profile else {
      let all = Profile.builtIn.values.sorted { $0.name < $1.name }
      if output.json { return try Terminal.answer(json: all) }
      for profile in all { Terminal.answer(line(profile)) }
      return
    }
    do throws(Diagnostics) {
      let profile: Profile
      if let known = Profile.builtIn[name] { profile = known } else { profile = try JobFile.profile(name) }
      Terminal.say(profile.warnings)
      if output.json { try answer(profile) } else { Terminal.answer(String(profile.fileText.dropLast())) }
    } catch {
      Terminal.say(error.all)
      throw ExitCode.badInput
    }
  }

  private func answer(_ profile: Profile) throws(Diagnostics) {
    do { try Terminal.answer(json: profile) } catch {
      throw Diagnostics(Diagnostic("profile.unwritable", at: Place(profile.name), "\(error)"))
    }
  }

  private func line(_ profile: Profile) -> String {
    let outputs = Profile.Output.allCases.filter(profile.outputs.contains).map(\.rawValue).joined(separator: "+")
    let sizes = profile.video.map { video in
      let ladder = video.ladder.map { $0.shortSide > 4320 ? "source size" : "\($0.shortSide)" }.joined(separator: "/")
      return "\(video.codecs.map(\.rawValue).joined(separator: "+")) \(ladder), up to \(video.maximumFrameRate)/s"
    }
    let loudness = profile.audio.loudness.map { "\($0.integrated) LUFS" } ?? "loudness kept"
    return "\(profile.name): \(outputs); \(sizes ?? "no picture"); \(profile.audio.codec.rawValue), \(loudness)"
  }
}
