import FerryCore
import Foundation
import Testing

@testable import FerryPipeline

/// What is said of a job's files before any work.
struct InspectionTests {
  private let folder: String
  private let place = Place("job.yaml", line: 7, column: 13)

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/ferry-inspection-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func reference(_ name: String) -> FileReference {
    FileReference(written: name, path: folder + "/" + name, place: place)
  }

  @Test func namesAMissingFileAndItsNearestNeighbour() throws {
    try "x".write(toFile: folder + "/lesson01.mp4", atomically: true, encoding: .utf8)
    let problem = FileProblem.of(reference("lesson1.mp4"), what: "the source")
    #expect(
      problem?.description == """
        job.yaml:7:13: error: the source 'lesson1.mp4' does not exist
          hint: looked at \(folder)/lesson1.mp4; paths are relative to the job file's folder; did you mean 'lesson01.mp4'?
        """)
  }

  @Test func saysWhenTheFolderIsMissingToo() {
    let problem = FileProblem.of(reference("nowhere/lesson.mp4"), what: "the source")
    #expect(problem?.hint?.hasSuffix("; that folder does not exist") == true)
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
    #expect(FileProblem.of(reference("inner"), what: "the source")?.message == "the source 'inner' is a folder")
    try #require(mkfifo(folder + "/pipe", 0o600) == 0)
    #expect(FileProblem.of(reference("pipe"), what: "the source")?.message == "the source 'pipe' is not a regular file")
    try "".write(toFile: folder + "/empty", atomically: true, encoding: .utf8)
    #expect(FileProblem.of(reference("empty"), what: "the source")?.message == "the source 'empty' is empty")
  }

  @Test func acceptsAFileThatIsThere() throws {
    try "x".write(toFile: folder + "/good", atomically: true, encoding: .utf8)
    #expect(FileProblem.of(reference("good"), what: "the source") == nil)
  }
}
