import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry profiles [NAME|FILE]`
struct ProfilesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles",
    abstract: "List the built-in profiles, or print one as a file to begin your own from; checks a file.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "A built-in profile's name, or a profile file.") var profile: String?

  func run() async throws {
    if let profile {
      try await output.tell(ReadProfile(profile), in: .plain) { [String($0.fileText.dropLast())] }
    } else {
      try await output.tell(ListProfiles(), in: .plain) { $0.map(line) }
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
