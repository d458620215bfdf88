import FerryCore
import Foundation
import Testing

@testable import FerryBag
@testable import FerryFiles
@testable import FerryPackage

struct HashingTests {
  /// As Python's hashlib computes them; sizes around the borders of padding and of reading.
  @Test func digestsAreThoseOfAnotherProgram() throws {
    let scratch = try Scratch("digests")
    let sizes = [0, 1, 63, 64, 111, 112, 127, 128, 129, 5000, 262_143, 262_144, 262_145, 700_001]
    let names = Checksums.known.sorted()
    #expect(names == ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
    var work: [BagHashing.Work] = []
    for (index, size) in sizes.enumerated() {
      let path = BagPath("file\(index)")
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8 &+ index) }
      try Data(bytes).write(to: URL(fileURLWithPath: scratch.path + "/" + path.text))
      work.append(.init(path: path, size: size, algorithms: index % 3 == 0 ? ["sha512"] : Set(names)))
    }
    work.append(.init(path: BagPath("nothing"), size: 9, algorithms: ["sha512"]))
    let found = BagHashing.digests(of: work, below: scratch.path, journal: nil)
    #expect(found.count == work.count)
    #expect(throws: POSIXError.self) { try found[BagPath("nothing")]?.get() }
    var lines: [String] = []
    for one in work.dropLast() {
      let made = try #require(try found[one.path]?.get())
      #expect(Set(made.keys) == one.algorithms)
      lines += made.sorted { $0.key < $1.key }.map { "\(one.path.text) \($0) \($1)" }
      let both = try Digests.of(file: scratch.path + "/" + one.path.text)
      let bytes = try FileBytes.read(scratch.path + "/" + one.path.text)
      #expect(both == Digests.of(bytes: bytes) && both.size == one.size && both.sha512 == made["sha512"])
      #expect(try both.sha256 == Digests.sha256(file: scratch.path + "/" + one.path.text))
      #expect(both.sha256 == Digests.sha256(bytes) && both.sha512 == Digests.sha512(bytes))
      for (name, digest) in made { #expect(Checksums.length(name) == digest.count) }
    }
    let judge = """
      import hashlib, sys
      for line in open(sys.argv[1]).read().split("\\n"):
          name, algorithm, digest = line.split()
          if hashlib.new(algorithm, open(name, "rb").read()).hexdigest() != digest: print(line)
      """
    let list = try scratch.write(lines.joined(separator: "\n"), "list")
    let answer = try run("python3", ["-c", judge, list], in: scratch.path)
    #expect(answer.code == 0 && answer.output.isEmpty, "\(answer.output)")
  }

  /// A bag with a file that is worth noting, checked with a journal.
  private func bag(_ scratch: Scratch) throws -> String {
    var delivery = SampleDelivery(titles: 1, size: 10)
    delivery.files["AI-001/AI-001.mp4"] = Array(repeating: 7, count: 1 << 20)
    return try delivery.write(scratch.path).path
  }

  @Test func aKilledReadingGoesOnWhereItStopped() throws {
    let scratch = try Scratch("journal")
    let bag = try bag(scratch)
    let video = "data/lessons/AI-001/AI-001.mp4"
    let path = scratch.path + "/journal"
    let good = try Checksums.of(file: "\(bag)/\(video)", ["sha256", "sha512"])
    // What the killed reading left: a false note shows that it is believed; the line after it was cut off.
    let journal = try HashJournal.open(path, bag: bag)
    journal.note(video, file: "\(bag)/\(video)", size: 1 << 20, good.mapValues { _ in "00" })
    let noted = try Scratch.contents(scratch.path)["journal"] ?? []
    try Data(noted + Array("{\"path\": \"da".utf8)).write(to: URL(fileURLWithPath: path))
    let report = try BagReader.report(of: bag, resuming: path)
    #expect(report.problems.map(\.place.file) == [video, video], "\(report.problems)")
    #expect(!FileManager.default.fileExists(atPath: path), "it is through")

    // The file was touched since: its note counts no more.
    try Data(noted).write(to: URL(fileURLWithPath: path))
    try Data(Array(repeating: 7, count: 1 << 20)).write(to: URL(fileURLWithPath: "\(bag)/\(video)"))
    #expect(try BagReader.report(of: bag, resuming: path).problems == [])
  }

  @Test func whatIsNoJournalStaysAsItIs() throws {
    let scratch = try Scratch("journal")
    let bag = try bag(scratch)
    for text in [
      "my notes\n", "{\"path\": \"data/a\", \"file\": \"1\", \"digests\": {}}\n", "ferry-digests/2\n", "ferry",
    ] {
      let path = try scratch.write(text, "notes")
      #expect {
        try BagReader.report(of: bag, resuming: path)
      } throws: {
        "\($0)" == """
          \(path): error: it is no journal of an earlier check, and is left as it is
            hint: name a file that does not exist
          """
      }
      #expect(try FileBytes.read(path) == Array(text.utf8))
    }
    #expect {
      try BagReader.report(of: bag, resuming: "/dev/null")
    } throws: { "\($0)".hasPrefix("/dev/null: error: it is no journal") }
    // An empty file, as `mktemp` makes it, is as good as none.
    let path = try scratch.write("", "empty")
    #expect(try BagReader.report(of: bag, resuming: path).problems == [])
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theJournalIsNeverInsideTheBag() throws {
    let scratch = try Scratch("journal")
    let bag = try bag(scratch)
    let before = try Scratch.contents(bag)
    for path in [bag + "/journal", bag + "/data/journal"] {
      #expect {
        try BagReader.report(of: bag, resuming: path)
      } throws: {
        "\($0)" == """
          \(path): error: the journal would be inside the bag, and checking a bag never writes there
            hint: name a file somewhere else
          """
      }
    }
    #expect {
      try BagReader.report(of: bag, resuming: scratch.path + "/no/journal")
    } throws: { "\($0)".contains("the journal cannot be written: No such file or directory") }
    #expect(try BagReader.report(of: bag, resuming: scratch.path + "/journal").problems == [])
    #expect(try Scratch.contents(bag) == before)
  }

  /// A checker changes nothing, whatever it finds.
  @Test func checkingNeverWrites() throws {
    let scratch = try Scratch("readonly")
    let bag = try bag(scratch)
    try FileManager.default.removeItem(atPath: bag + "/data/catalogue.csv")
    try Data("x".utf8).write(to: URL(fileURLWithPath: bag + "/manifest-sha256.txt"))
    let before = try Scratch.contents(bag)
    #expect(BagReader.report(of: bag).verdict == .invalid)
    #expect(try Scratch.contents(bag) == before)
  }

  @Test func theProfileIsOneThatOthersRead() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let published = project.appendingPathComponent("profiles/\(BagProfile.fileName)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
      try Data(BagProfile.document()).write(to: published)
      Issue.record("recorded \(published.path)")
    }
    #expect(try Array(Data(contentsOf: published)) == BagProfile.document())
    let object = try JSONSerialization.jsonObject(with: Data(BagProfile.document()))
    let profile = try #require(object as? [String: Any])
    let information = try #require(profile["Bag-Info"] as? [String: [String: Any]])
    let scratch = try Scratch("profile")
    let bag = try bag(scratch)
    let text = try String(contentsOfFile: bag + "/bag-info.txt", encoding: .utf8)
    let elements = BagInformation(name: "bag-info.txt", text: text, version: .current).elements
    for (label, rules) in information where rules["required"] as? Bool == true {
      #expect(elements.contains { $0.label == label }, "\(label)")
    }
    #expect(profile["Manifests-Required"] as? [String] == ["sha256", "sha512"])
  }
}
