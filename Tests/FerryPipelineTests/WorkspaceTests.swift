import FerryCore
import FerryFiles
import FerryPackage
import Foundation
import Testing

@testable import FerryPipeline

/// Ferry's own folder: what is kept, what is swept, and who may run.
struct WorkspaceTests {
  private let workspace: Workspace

  init() {
    workspace = Workspace(home: FileManager.default.temporaryDirectory.path + "/ferry-home-" + UUID().uuidString)
  }

  @Test func onlyOneRunHoldsTheLock() throws {
    let first = try RunLock.take(workspace)
    #expect(throws: RunLock.Held.self) { _ = try RunLock.take(workspace) }
    _ = consume first
    let second = try RunLock.take(workspace)
    _ = consume second
  }

  @Test func renditionsServeOnlyWhileTheyAreWhole() throws {
    let key = StepKey(digest: "abc")
    #expect(try workspace.kept(key) == nil)
    let made = try workspace.folder("attempts/one/renditions")
    try "pictures".write(toFile: made + "/720p.mp4", atomically: true, encoding: .utf8)
    let kept = Workspace.Kept(
      transcode: TranscodeOutcome(
        renditions: [], sounds: [], poster: nil, thumbnails: nil, quality: Quality(findings: [], loudness: nil),
        duration: 0, chapters: [], tools: []),
      digests: ["720p.mp4": try Digests.of(file: made + "/720p.mp4")])
    try JSONEncoder().encode(kept).write(to: URL(fileURLWithPath: made + "/kept.json"))
    try workspace.keep(made, as: key)
    #expect(try workspace.kept(key)?.digests == kept.digests)
    try "pic".write(toFile: workspace.renditions(key) + "/720p.mp4", atomically: true, encoding: .utf8)
    #expect(try workspace.kept(key) == nil, "a file that was cut does not serve")
  }

  @Test func sweepsOnlyWhatCarriesItsToken() throws {
    let others = workspace.home + "-others"
    try FileManager.default.createDirectory(atPath: others, withIntermediateDirectories: true)
    let scratch = try workspace.folder("scratch")
    try others.write(toFile: scratch + "/TOKEN", atomically: true, encoding: .utf8)
    let attempt = try workspace.folder("attempts/title-1")
    try workspace.sweep()
    #expect(FileManager.default.fileExists(atPath: others), "a folder that ferry did not name stays")
    #expect(!FileManager.default.fileExists(atPath: attempt))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
  }
}
