import FerryCore
import Foundation
import Testing

@testable import FerryBag
@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

/// Whatever one file of a package of ferry's suffers is found, and the file named.
struct MutationTests {
  private enum Mutation: String, CaseIterable {
    case flip
    case truncate
    case delete
    case rename
    case add
  }

  /// `FERRY_MUTATIONS=5000` makes more of them, and `FERRY_SEED=7` others.
  @Test func fiveHundredOfFiveHundredAreFoundAndNamed() throws {
    let scratch = try Scratch("mutation")
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FERRY_MUTATIONS"].flatMap { Int($0) } ?? 500
    var random = SeededGenerator(seed: environment["FERRY_SEED"].flatMap { UInt64($0) } ?? 500)
    let bags = try sampleBags(scratch)
    for bag in bags { #expect(found(bag) == [], "before anything is done to it") }
    try Files.makeFolder(scratch.path + "/mutants")
    var theirs: Set<String> = []
    var round = 0
    while round < count {
      let mutation = Mutation.allCases[round % Mutation.allCases.count]
      let bag = "\(scratch.path)/mutants/\(round)"
      try FileManager.default.copyItem(atPath: bags[round / Mutation.allCases.count % bags.count], toPath: bag)
      let name = mutation == .add ? added(&random) : try Files.list(bag).randomElement(using: &random) ?? ""
      try spoil(bag, name, mutation, &random)
      let problems = found(bag)
      #expect(
        problems.contains { $0.severity == .error && ($0.place.file == name || $0.message.contains(name)) },
        "\(mutation) \(name): \(problems)")
      // A file that no list names, outside data/, is nothing to bagit.py; nor are the lists that nothing lists.
      let isTheirs = mutation == .add ? name.hasPrefix("data/") : !name.hasPrefix("tagmanifest")
      if isTheirs { theirs.insert("\(round)") }
      round += 1
    }
    try expectAgreement(of: theirs, in: scratch.path + "/mutants")
    #expect(theirs.count > count / 2)
  }

  /// Two full versions and the supplement between them.
  private func sampleBags(_ scratch: Scratch) throws -> [String] {
    var delivery = SampleDelivery(titles: 2, size: 300)
    var random = SeededGenerator(seed: 1)
    delivery.files["AI-002/AI-002.mp4"] = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let one = try delivery.write(scratch.path)
    delivery.files["AI-001/AI-001.en.txt"] = [0x41]
    delivery.files["AI-002/AI-002.mp4"]?[10_000] ^= 1
    let two = try delivery.write(scratch.path, after: one.manifest)
    let supplement = scratch.path + "/supplement"
    try Supplement.write(from: .read(one.path), to: two.path, at: supplement, held: one.path)
    #expect(Files.exists(supplement + "/delta"))
    return [one.path, two.path, supplement]
  }

  /// bagit.py finds what it looks at, and nothing in the packages themselves.
  private func expectAgreement(of theirs: Set<String>, in folder: String) throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let python = project + "/.tools/venv/bin/python"
    try #require(FileManager.default.isExecutableFile(atPath: python), "the judges are missing: run `make deps`")
    for (name, folder) in [("mutants", folder), ("whole", folder + "/..")] {
      let answer = try run(python, [project + "/Tests/Judges/bags.py", folder], in: folder)
      #expect(answer.code == 0, "\(answer.output.suffix(2000))")
      let lines = answer.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
      let valid = Set(lines.filter { $0.count == 2 && $0[1] == "valid" }.map { $0[0] })
      if name == "mutants" {
        #expect(valid.isDisjoint(with: theirs), "bagit.py misses \(valid.intersection(theirs))")
      } else {
        #expect(valid.isSuperset(of: ["OUC-2026-0007_v1", "OUC-2026-0007_v2", "supplement"]), "\(answer.output)")
      }
    }
  }

  private func found(_ bag: String) -> [Diagnostic] {
    let report = BagReader.report(of: bag)
    do throws(Refusal) {
      return try report.problems + ManifestCheck.problems(of: DeliveryManifest.read(in: bag), bag: bag)
    } catch {
      return report.problems + error.problems
    }
  }

  private func added(_ random: inout SeededGenerator) -> String {
    ["data/extra.bin", "data/lessons/AI-001/.hidden", "extra.txt", "result/extra", "manifest-extra"].randomElement(
      using: &random) ?? ""
  }

  private func spoil(
    _ bag: String, _ name: String, _ mutation: Mutation, _ random: inout SeededGenerator
  ) throws {
    let url = URL(fileURLWithPath: bag + "/" + name)
    let files = FileManager.default
    switch mutation {
    case .flip:
      var bytes = try FileBytes.read(url.path)
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try Data(bytes).write(to: url)
    case .truncate:
      let bytes = try FileBytes.read(url.path)
      try Data(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))).write(to: url)
    case .delete: try files.removeItem(at: url)
    case .rename: try files.moveItem(at: url, to: url.appendingPathExtension("renamed"))
    case .add:
      try files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("x".utf8).write(to: url)
    }
  }
}
