import FerryCore
import Foundation
import Testing

@testable import FerryBag
@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// A small good bag in a folder of its own.
final class SampleBag {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/ferry-bag-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path + "/data/lessons/A", withIntermediateDirectories: true)
    var payload: [String: FileDigests] = [:]
    for (name, text) in [
      ("data/catalogue.csv", "id\n"), ("data/lessons/A/A.txt", "one\ntwo\n"), ("data/lessons/A/two words.txt", "space"),
      ("data/lessons/A/empty.txt", ""),
    ] {
      try write(text, name)
      payload[name] = try Digests.of(file: path + "/" + name)
    }
    try BagWriter(folder: path).write(
      payload: payload, information: [("Source-Organization", "Open\nUniversity"), ("Bagging-Date", "2026-11-23")]
    ) { _ in ["CHECK-ME.txt": Array(CheckMe.text(label: "T", version: 1).utf8)] }
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("cannot remove \(path): \(error)") }
  }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

  var report: BagReport { BagReader.report(of: path) }

  func said(_ code: String, _ file: String) -> Bool {
    report.problems.contains { $0.code == "bag." + code && $0.place.file == file }
  }
}

/// A file of five exbibytes that takes no room.
func makeSparse(_ path: String) throws {
  try Data().write(to: URL(fileURLWithPath: path))
  try #require(truncate(path, 5 << 60) == 0, "\(path): \(String(cString: strerror(errno)))")
}

/// A program's exit code and what it said, in a bag's folder.
func run(
  _ program: String, _ arguments: [String], in folder: String, input: String = "/dev/null"
) throws -> (code: Int32, output: String) {
  let process = Process()
  process.standardInput = FileHandle(forReadingAtPath: input)
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// The strict judge; when it is not installed the test fails.
func bagitPython(_ folder: String) throws -> Bool {
  let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  let tool = project + "/.tools/venv/bin/bagit.py"
  try #require(FileManager.default.isExecutableFile(atPath: tool), "the judges are missing: run `make deps`")
  return try run(tool, ["--validate", folder], in: folder).code == 0
}

struct BagWriterTests {
  @Test func toolsOfOthersAcceptWhatItWrites() throws {
    let bag = try SampleBag()
    #expect(bag.report.problems == [])
    #expect(bag.report.verdict == .valid)
    #expect(try bagitPython(bag.path))
    for (tool, list) in [("sha512sum", "sha512"), ("sha256sum", "sha256")] {
      #expect(try run(tool, ["--check", "--quiet", "tagmanifest-\(list).txt"], in: bag.path).code == 0)
    }
  }

  @Test func everyCommandOfCheckMeRunsGreen() throws {
    let bag = try SampleBag()
    let commands = try bag.text("CHECK-ME.txt").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("sha") }
    #expect(commands.count == 5)
    for command in commands {
      let words = command.split(separator: " ").map(String.init)
      #expect(try run(words[0], Array(words.dropFirst()), in: bag.path).code == 0, "\(command)")
    }
  }

  @Test func theSameContentGivesTheSameBytes() throws {
    let one = try SampleBag()
    let two = try SampleBag()
    for name in ["bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt", "tagmanifest-sha256.txt"] {
      #expect(try one.text(name) == two.text(name))
    }
    #expect(try one.text("bag-info.txt").contains("Source-Organization: Open University\n"))
    #expect(try one.text("bag-info.txt").contains("Payload-Oxum: 16.4\n"))
  }
}

/// The conformance suite of the Library of Congress: the folder is the verdict.
struct ConformanceTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/bagit-suite"

  private static let bags: [String] = {
    let files = FileManager.default
    let all = files.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.split(separator: "/").count == 3 }.sorted()
  }()

  /// Git and Linux file systems hold one of the two confusable files only, so these bags really are incomplete here.
  private static let incomplete: Set<String> = [
    "v0.97/warning/duplicate-file-with-different-case",
    "v0.97/warning/same-filename-listed-twice-with-different-normalization", "v0.97/warning/special-system-files",
  ]

  @Test func theSuiteIsThere() { #expect(ConformanceTests.bags.count >= 58) }

  @Test(arguments: bags) func judgesAsTheSuiteDoes(_ bag: String) {
    let report = BagReader.report(of: ConformanceTests.folder + "/" + bag)
    let warns = report.problems.contains { $0.severity == .warning }
    switch bag.split(separator: "/")[1] {
    case "valid": #expect(report.verdict == .valid, "\(report.problems)")
    case "warning":
      #expect(warns)
      #expect(
        report.verdict == (ConformanceTests.incomplete.contains(bag) ? .incomplete : .valid), "\(report.problems)")
    default: #expect(report.verdict != .valid)
    }
  }
}

/// RFC 8493 case by case, each from a good bag and with the file that must be named.
struct BagReaderTests {
  @Test func namesEveryKindOfDamage() throws {
    let cases: [(code: String, file: String, damage: (SampleBag) throws -> Void)] = [
      ("checksum", "data/lessons/A/A.txt", { try $0.write("one\ntwX\n", "data/lessons/A/A.txt") }),
      ("checksum", "CHECK-ME.txt", { try $0.write("other", "CHECK-ME.txt") }),
      (
        "missing-file", "data/catalogue.csv",
        { try FileManager.default.removeItem(atPath: $0.path + "/data/catalogue.csv") }
      ),
      ("missing-file", "CHECK-ME.txt", { try FileManager.default.removeItem(atPath: $0.path + "/CHECK-ME.txt") }),
      ("unexpected-file", "data/extra.txt", { try $0.write("x", "data/extra.txt") }),
      ("oxum", "bag-info.txt", { try $0.write("Payload-Oxum: 1.1\n", "bag-info.txt") }),
      ("oxum", "bag-info.txt", { try $0.write("Payload-Oxum: many\n", "bag-info.txt") }),
      ("oxum", "bag-info.txt", { try $0.write("Payload-Oxum: 16.4\nPayload-Oxum: 16.4\n", "bag-info.txt") }),
      ("information", "bag-info.txt", { try $0.write("no colon here\n", "bag-info.txt") }),
      ("missing-file", "bagit.txt", { try FileManager.default.removeItem(atPath: $0.path + "/bagit.txt") }),
      ("declaration", "bagit.txt", { try $0.write("\u{FEFF}" + $0.text("bagit.txt"), "bagit.txt") }),
      ("declaration", "bagit.txt", { try $0.write("BagIt-Version: 1.0\n", "bagit.txt") }),
      (
        "declaration", "bagit.txt",
        { try $0.write("BagIt-Version: one\nTag-File-Character-Encoding: UTF-8\n", "bagit.txt") }
      ),
      (
        "declaration", "bagit.txt",
        { try $0.write("BagIt-Version: 1.0\nTag-File-Character-Encoding: EBCDIC\n", "bagit.txt") }
      ),
      (
        "version", "bagit.txt",
        { try $0.write("BagIt-Version: 9.0\nTag-File-Character-Encoding: UTF-8\n", "bagit.txt") }
      ),
      (
        "manifest-line", "manifest-sha512.txt",
        { try $0.write($0.text("manifest-sha512.txt") + "what is this\n", "manifest-sha512.txt") }
      ),
      (
        "manifest-line", "manifest-sha512.txt",
        {
          let text = try $0.text("manifest-sha512.txt")
          try $0.write(text + text, "manifest-sha512.txt")
        }
      ),
      (
        "manifest-incomplete", "manifest-sha256.txt",
        {
          let lines = try $0.text("manifest-sha256.txt").split(separator: "\n").dropFirst()
          try $0.write(lines.joined(separator: "\n") + "\n", "manifest-sha256.txt")
        }
      ),
      (
        "unsafe-path", "../outside.txt",
        { try $0.write($0.text("manifest-sha512.txt") + "00  ../outside.txt\n", "manifest-sha512.txt") }
      ),
      (
        "unsafe-path", "/etc/passwd",
        { try $0.write($0.text("manifest-sha512.txt") + "00  /etc/passwd\n", "manifest-sha512.txt") }
      ),
      ("unsafe-path", "C:\\x", { try $0.write($0.text("manifest-sha512.txt") + "00  C:\\x\n", "manifest-sha512.txt") }),
      ("unsafe-path", "fetch.txt", { try $0.write("https://example.org/x 5 ~/x\n", "fetch.txt") }),
      ("fetch", "fetch.txt", { try $0.write("https://example.org/x\n", "fetch.txt") }),
      ("fetch", "fetch.txt", { try $0.write("https://example.org/x 5 data/unlisted\n", "fetch.txt") }),
      (
        "special-file", "data/link",
        {
          try FileManager.default.createSymbolicLink(atPath: $0.path + "/data/link", withDestinationPath: "/etc/passwd")
        }
      ),
      (
        "no-manifest", "manifest-sha512.txt",
        {
          for name in ["manifest-sha512.txt", "manifest-sha256.txt"] {
            try FileManager.default.removeItem(atPath: $0.path + "/" + name)
          }
        }
      ),
      (
        "encoding", "manifest-sha512.txt",
        { try Data([0xFF, 0xFE, 0xFD]).write(to: URL(fileURLWithPath: $0.path + "/manifest-sha512.txt")) }
      ),
    ]
    for (code, file, damage) in cases {
      let bag = try SampleBag()
      try damage(bag)
      #expect(bag.said(code, file), "\(code) \(file): \(bag.report.problems)")
      #expect(bag.report.verdict != .valid)
    }
  }

  /// RFC 8493 2.1.3: line ends and the percent sign are the only characters that a manifest encodes.
  @Test func namesWithLineEndsAndPercentSignsComeBack() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/ferry-odd-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
    var payload: [String: FileDigests] = [:]
    for name in ["data/100%.txt", "data/two\nlines", "data/%0A"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
      payload[name] = try Digests.of(file: folder + "/" + name)
    }
    try BagWriter(folder: folder).write(payload: payload, information: []) { _ in [:] }
    let manifest = try String(contentsOfFile: folder + "/manifest-sha512.txt", encoding: .utf8)
    #expect(
      manifest.split(separator: "\n").map { $0.split(separator: " ")[1] } == [
        "data/%250A", "data/100%25.txt", "data/two%0Alines",
      ])
    let report = BagReader.report(of: folder)
    #expect(report.verdict == .valid)
    #expect(
      report.problems.map { "\($0.place): \($0.message)" } == [
        "data/two\nlines: its name holds a control character, which Windows refuses"
      ])
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func missingFilesAloneAreIncomplete() throws {
    let bag = try SampleBag()
    try FileManager.default.removeItem(atPath: bag.path + "/data/lessons/A/A.txt")
    #expect(bag.report.verdict == .incomplete)
    try bag.write("changed", "data/catalogue.csv")
    #expect(bag.report.verdict == .invalid)
  }

  /// What is wrong with the declaration hides nothing else.
  @Test func aBagWithoutItsDeclarationIsCheckedAllTheSame() throws {
    for declaration in [nil, "BagIt-Version: 1.0\n", "BagIt-Version: one\nTag-File-Character-Encoding: UTF-8\n"] {
      let bag = try SampleBag()
      if let declaration {
        try bag.write(declaration, "bagit.txt")
      } else {
        try FileManager.default.removeItem(atPath: bag.path + "/bagit.txt")
        #expect(bag.report.verdict == .incomplete)
      }
      try bag.write("changed", "data/catalogue.csv")
      #expect(bag.said("checksum", "data/catalogue.csv"))
      #expect(bag.report.problems.contains { $0.place.file == "bagit.txt" && $0.severity == .error })
      #expect(bag.report.verdict == .invalid)
    }
    // Without any manifest it is no bag, and nothing else is worth a word.
    let folder = try Scratch("no-bag")
    _ = try folder.write("x", "notes.txt")
    #expect(BagReader.report(of: folder.path).problems.map(\.code) == ["bag.missing-declaration"])
    #expect(BagReader.report(of: folder.path).verdict == .invalid)
  }

  /// Two sparse files of five exbibytes each: more than a number can hold.
  @Test func sizesThatCannotBeAddedAreNoCrash() throws {
    let folder = try Scratch("sparse", in: "/dev/shm")
    let (manifest, bag) = try SampleDelivery(titles: 1).write(folder.path)
    for name in ["x", "y"] { try makeSparse(bag + "/data/" + name) }
    let report = BagReader.report(of: bag)
    #expect(report.bytes == .max)
    #expect(report.problems.map(\.place.file).filter { $0.hasPrefix("data/") } == ["data/x", "data/y"])
    #expect(ManifestCheck.problems(of: manifest, bag: bag) == [])
    let listed = PayloadList.fileName
    let line = String(repeating: "0", count: 128)
    let list = try PayloadList(Array("\(line)  data/x\n\(line)  data/y\n".utf8), file: listed)
    #expect(try list.size(in: bag) == .max)
    #expect(Files.weight(of: bag).bytes == .max)
  }

  @Test func warnsOfWhatOtherSystemsConfuse() throws {
    let bag = try SampleBag()
    try bag.write("x", "data/Catalogue.csv")
    #expect(bag.said("confusable-name", "data/catalogue.csv"))
    try bag.write("x", "data/Thumbs.db")
    #expect(bag.said("system-file", "data/Thumbs.db"))
  }

  @Test func readsChecksumsThatOthersUse() throws {
    let bag = try SampleBag()
    for name in ["md5", "sha1", "sha224", "sha384"] {
      let files = [
        "data/catalogue.csv", "data/lessons/A/A.txt", "data/lessons/A/empty.txt", "data/lessons/A/two words.txt",
      ]
      try bag.write(run(name + "sum", files, in: bag.path).output, "manifest-\(name).txt")
    }
    // Tag manifests must list every payload manifest, which these were added after.
    let errors = Set(bag.report.problems.filter { $0.severity == .error }.map(\.code))
    #expect(errors == ["bag.manifest-unlisted"])
    let text = try bag.text("manifest-sha224.txt")
    try bag.write((text.hasPrefix("0") ? "1" : "0") + text.dropFirst(), "manifest-sha224.txt")
    #expect(bag.said("checksum", "data/catalogue.csv"))
  }
}
