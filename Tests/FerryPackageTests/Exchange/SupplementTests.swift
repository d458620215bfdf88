import FerryCore
import Foundation
import Testing

@testable import FerryBag
@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// full(n) and supplement(n→m) are full(m), byte for byte.
struct SupplementTests {
  /// A delivery whose content changes at random, and all its versions as full packages.
  private struct History {
    var versions: [(manifest: DeliveryManifest, path: String)] = []

    init(_ folder: String, versions count: Int, _ random: inout some RandomNumberGenerator) throws {
      var delivery = SampleDelivery(titles: 2)
      delivery.files["AI-002/AI-002.mp4"] = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }
      for version in 1...count {
        versions.append(try delivery.write(folder, after: versions.last?.manifest))
        History.change(&delivery, &random, version)
      }
    }

    /// Takes some bytes out, puts others in and turns one over, each somewhere.
    private static func edit(_ bytes: inout [UInt8], _ random: inout some RandomNumberGenerator) {
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 0...300, using: &random))
      let fresh = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      bytes.replaceSubrange(start..<end, with: fresh + [7])
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1
    }

    /// Adds, changes, removes, renames and brings back files.
    private static func change(
      _ delivery: inout SampleDelivery, _ random: inout some RandomNumberGenerator, _ version: Int
    ) {
      for step in 0..<Int.random(in: 1...4, using: &random) {
        let name = delivery.files.keys.sorted().randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<7, using: &random) {
        case 5, 6: History.edit(&delivery.files["AI-002/AI-002.mp4", default: [0]], &random)
        case 0: delivery.files["AI-009/v\(version)-\(step).txt"] = Array("new \(version) \(step)".utf8)
        case 1 where delivery.files.count > 2: delivery.files[name] = nil
        case 2 where delivery.files.count > 2:
          delivery.files[name + "-renamed"] = delivery.files.removeValue(forKey: name)
        case 3: delivery.files["AI-001/AI-001.en.txt"] = Array("Lesson 1\n".utf8)
        default: delivery.files[name] = Array("version \(version) \(step) of \(name)".utf8)
        }
      }
    }
  }

  @Test(arguments: 1...24) func theLawHoldsInRandomHistories(_ seed: Int) throws {
    let scratch = try Scratch("history")
    var random = SeededGenerator(seed: UInt64(seed))
    let versions = try History(scratch.path, versions: 4, &random).versions
    for old in 0..<3 {
      for new in (old + 1)..<4 where versions[old].manifest.stateDigest != versions[new].manifest.stateDigest {
        let before = try Scratch.contents(versions[old].path)
        let supplement = "\(scratch.path)/s\(old)\(new)"
        let made = "\(scratch.path)/m\(old)\(new)"
        // With the older package beside it, or with its manifests alone.
        let held = seed % 3 == 0 ? nil : versions[old].path
        let manifest = try Supplement.write(
          from: .read(versions[old].path), to: versions[new].path, at: supplement, held: held)
        #expect(manifest.base?.version == old + 1 && manifest.stateDigest == versions[new].manifest.stateDigest)
        let report = BagReader.report(of: supplement)
        #expect(report.verdict == .valid, "\(report.problems)")
        #expect(ManifestCheck.problems(of: manifest, bag: supplement) == [])
        #expect(try Supplement.apply(supplement, to: versions[old].path, at: made) == .made)
        #expect(try Scratch.contents(made) == Scratch.contents(versions[new].path))
        #expect(try Supplement.apply(supplement, to: versions[old].path, at: made) == .alreadyThere)
        #expect(try Scratch.contents(made) == Scratch.contents(versions[new].path))
        try refusesAnyOtherBase(supplement, versions.indices.filter { $0 != old }.map { versions[$0] }, scratch, old)
        #expect(try Scratch.contents(versions[old].path) == before, "the old version stays as it is")
      }
    }
  }

  private func refusesAnyOtherBase(
    _ supplement: String, _ others: [(manifest: DeliveryManifest, path: String)], _ scratch: Scratch, _ old: Int
  ) throws {
    let wanted = try DeliveryManifest.read(in: supplement).base?.stateDigest
    // Some histories come back to what they were.
    for other in others where other.manifest.stateDigest != wanted {
      let error = refusal { try Supplement.apply(supplement, to: other.path, at: scratch.path + "/wrong") }
      #expect(error?.kind == .wrongBase, "\(other.path)")
      #expect(!FileManager.default.fileExists(atPath: scratch.path + "/wrong"))
    }
  }

  /// Version 1, and version 2 with one subtitle corrected; the supplement between them.
  ///
  /// With `hasDeltas` its MP4 file holds the corrected text too, in the middle.
  private func corrected(_ scratch: Scratch, titles: Int = 3, size: Int = 2000, hasDeltas: Bool = false) throws -> (
    one: String, two: String, supplement: String
  ) {
    var random = SeededGenerator(seed: 9)
    var delivery = SampleDelivery(titles: titles, size: size)
    if hasDeltas { delivery.files["AI-001/AI-001.mp4"] = (0..<size).map { _ in .random(in: 0...255, using: &random) } }
    let one = try delivery.write(scratch.path)
    delivery.files["AI-001/AI-001.en.vtt"] = Array("WEBVTT\n\n00:00.000 --> 00:01.000\nLesson one\n".utf8)
    if hasDeltas {
      delivery.files["AI-001/AI-001.mp4"]?.replaceSubrange(size / 2..<size / 2 + 8, with: "Lesson one".utf8)
    }
    let two = try delivery.write(scratch.path, after: one.manifest)
    let supplement = scratch.path + "/supplement"
    try Supplement.write(from: .read(one.path), to: two.path, at: supplement, held: hasDeltas ? one.path : nil)
    return (one.path, two.path, supplement)
  }

  @Test(arguments: [false, true]) func toolsOfOthersAcceptItAndPutItTogether(_ hasDeltas: Bool) throws {
    let scratch = try Scratch("tools")
    let (one, two, supplement) = try corrected(scratch, size: 400_000, hasDeltas: hasDeltas)
    #expect(Files.exists(supplement + "/delta") == hasDeltas)
    #expect(try bagitPython(supplement))
    for list in ["manifest", "tagmanifest"] {
      #expect(try run("sha512sum", ["--check", "--quiet", "\(list)-sha512.txt"], in: supplement).code == 0)
    }
    // The commands of the supplement's own CHECK-ME.txt, as they stand there, and as a scheduler runs them.
    try FileManager.default.moveItem(atPath: supplement, toPath: scratch.path + "/s")
    let text = try String(contentsOfFile: scratch.path + "/s/CHECK-ME.txt", encoding: .utf8)
    let step = try #require(text.split(separator: "\n2. ").last?.split(separator: "\n3. ").first)
    let commands = step.split(separator: "\n").filter { $0.hasPrefix("       ") }.joined(separator: "\n")
    let followed = try run("sh", ["-e", "-c", "trap '' PIPE\n" + commands], in: scratch.path + "/s")
    #expect(followed.code == 0 && followed.output == "", "\(commands)\n\(followed)")
    let made = one.replacing("_v1", with: "_v2_full")
    #expect(try Scratch.contents(made) == Scratch.contents(two))
    #expect(try bagitPython(made))
  }

  @Test func oneSubtitleOfTwentyTitlesTravelsAlone() throws {
    let scratch = try Scratch("size")
    let (_, two, supplement) = try corrected(scratch, titles: 20, size: 400_000, hasDeltas: true)
    func size(_ folder: String) throws -> Int { try Scratch.contents(folder).values.reduce(0) { $0 + $1.count } }
    let (small, full) = try (size(supplement), size(two))
    #expect(small * 100 < full, "\(small) of \(full) bytes")
    let payload = try Files.list(supplement + "/data")
    #expect(payload == ["catalogue.csv", "lessons/AI-001/AI-001.en.vtt"], "the film travels by its new bytes")
  }

  private func refusal(_ work: () throws -> Void) -> Refusal? {
    do {
      try work()
      Issue.record("nothing was refused")
      return nil
    } catch {
      return error as? Refusal
    }
  }

  @Test func theWrongBaseIsRefusedWithWhatIsMissing() throws {
    let scratch = try Scratch("base")
    let (_, _, supplement) = try corrected(scratch)
    var other = SampleDelivery()
    other.files["AI-002/AI-002.mp4"] = [1]
    let folder = try Scratch("other")
    let wrong = try other.write(folder.path).path
    let error = try #require(refusal { try Supplement.apply(supplement, to: wrong, at: scratch.path + "/made") })
    #expect(error.kind == .wrongBase)
    #expect(
      error.description == """
        OUC-2026-0007: error: version 2 is a supplement to version 1, and what is here is another state of it
          hint: ask the sender for the full package, or for a supplement to the version that is here
        data/catalogue.csv: error: neither the supplement nor the version here has it
        data/lessons/AI-002/AI-002.mp4: error: neither the supplement nor the version here has it
        """)
    let none = try #require(
      refusal { try Supplement.apply(supplement, to: scratch.path + "/nothing", at: scratch.path + "/made") })
    #expect(none.problems[0].message == "version 2 is a supplement to version 1, and that version is not here")
    #expect(none.problems.count == 1 + 10, "all that version 1 would have brought")
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/made"))
  }

  @Test func versionsThatDoNotFitAreRefused() throws {
    let scratch = try Scratch("misfit")
    let (one, two, supplement) = try corrected(scratch)
    func said(_ from: String, _ to: String) throws -> String {
      let version = try Supplement.Version.read(from)
      return refusal { try Supplement.write(from: version, to: to, at: scratch.path + "/x") }?.problems[0].message
        ?? ""
    }
    #expect(try said(two, one) == "version 1 does not come after version 2")
    #expect(try said(one, one) == "version 1 does not come after version 1")
    #expect(try said(one, supplement) == "it is a supplement itself")
    #expect(
      refusal { try Supplement.apply(two, to: one, at: scratch.path + "/x") }?.problems[0].message
        == "it is missing, so the package's content is unknown")
    // The same content as a new version: nothing travels.
    let twin = try Scratch("twin")
    var delivery = SampleDelivery()
    delivery.isDescribed = false
    let first = try delivery.write(twin.path)
    delivery.files["AI-001/AI-001.en.txt"] = Array("Lesson 1\n".utf8)
    let second = try delivery.write(twin.path, after: first.manifest)
    #expect(try said(first.path, second.path) == "nothing differs from version 1, so there is nothing to send")
    // Another folder is in the way.
    try FileManager.default.createDirectory(atPath: scratch.path + "/taken", withIntermediateDirectories: true)
    let error = refusal { try Supplement.apply(supplement, to: one, at: scratch.path + "/taken") }
    #expect(error?.kind == .conflict)
    #expect(error?.problems[0].message == "something else than version 2 of OUC-2026-0007 is there already")
  }

  @Test func manifestsSayWhatChangedAndSinceWhen() throws {
    let scratch = try Scratch("following")
    var delivery = SampleDelivery()
    let one = try delivery.write(scratch.path).manifest
    delivery.files["AI-001/AI-001.en.vtt"] = [1]
    delivery.files["AI-002/AI-002.en.txt"] = nil
    let fixed = ["data/lessons/AI-001/AI-001.en.vtt": ["D-17"]]
    let two = try delivery.write(scratch.path, after: one, fixed: fixed).manifest
    delivery.files["AI-003/AI-003.fr.vtt"] = [2]
    let three = try delivery.write(scratch.path, after: two).manifest
    func asset(_ path: String, _ manifest: DeliveryManifest) -> DeliveryManifest.Asset? {
      manifest.lessons.flatMap(\.assets).first { $0.path == "data/lessons/" + path }
    }
    #expect(two.version == 2 && two.supersedes == [1] && two.fixes == ["D-17"] && two.id == one.id)
    #expect(asset("AI-001/AI-001.en.vtt", two)?.change == .changed)
    #expect(asset("AI-001/AI-001.en.vtt", two)?.fixes == ["D-17"])
    #expect(asset("AI-001/AI-001.mp4", two)?.change == .unchanged && asset("AI-001/AI-001.mp4", two)?.sinceVersion == 1)
    #expect(two.removed.map(\.path) == ["data/lessons/AI-002/AI-002.en.txt"])
    #expect(three.supersedes == [1, 2] && three.fixes == [] && three.removed == [])
    #expect(asset("AI-001/AI-001.en.vtt", three)?.change == .unchanged)
    #expect(asset("AI-001/AI-001.en.vtt", three)?.sinceVersion == 2)
    #expect(asset("AI-003/AI-003.fr.vtt", three)?.change == .added)
    var other = one
    other.id = DeliveryManifest.urn("q", "other")
    #expect {
      try two.following(other)
    } throws: {
      "\($0)".hasPrefix("OUC-2026-0007: error: the version before is of another delivery or partner: OUC-2026-0007 for")
    }
  }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
