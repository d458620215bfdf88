import FerryCore
import Foundation
import Testing

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

  @Test func fiveHundredOfFiveHundredAreFoundAndNamed() throws {
    let scratch = try Scratch("mutation")
    var random = SeededGenerator(seed: 500)
    var delivery = SampleDelivery(titles: 2, size: 300)
    let one = try delivery.write(scratch.path)
    delivery.files["AI-001/AI-001.en.txt"] = [0x41]
    let two = try delivery.write(scratch.path, after: one.manifest)
    let supplement = scratch.path + "/supplement"
    try Supplement.write(from: .read(one.path), to: two.path, at: supplement)
    var asked = 0
    for round in 0..<500 {
      let bag = [one.path, two.path, supplement][round % 3]
      let files = try Files.list(bag)
      let mutation = Mutation.allCases[round / 3 % 5]
      let name = mutation == .add ? added(&random) : files.randomElement(using: &random) ?? ""
      let before = mutation == .add ? nil : try FileBytes.read(bag + "/" + name)
      guard let undo = try spoil(bag, name, mutation, before, &random) else { continue }
      let problems = found(bag)
      #expect(
        problems.contains { $0.severity == .error && ($0.place.file == name || $0.message.contains(name)) },
        "\(mutation) \(name): \(problems)")
      if round % 25 == 0 {
        // A file that no list names, outside data/, is nothing to bagit.py; nor what means the same to it.
        let isItsBusiness = mutation != .add && mutation != .rename && !name.hasPrefix("tagmanifest")
        if isItsBusiness { #expect(try !bagitPython(bag), "\(mutation) \(name)") }
        asked += isItsBusiness ? 1 : 0
      }
      try undo()
      if round % 50 == 0 { #expect(found(bag) == [], "the package is as it was") }
    }
    #expect(asked >= 8)
  }

  private func found(_ bag: String) -> [Diagnostic] {
    let report = BagReader.report(of: bag)
    do throws(ExchangeError) {
      return try report.problems + ManifestCheck.problems(of: DeliveryManifest.read(in: bag), bag: bag)
    } catch {
      return report.problems + error.diagnostics
    }
  }

  private func added(_ random: inout SeededGenerator) -> String {
    ["data/extra.bin", "data/lessons/AI-001/.hidden", "extra.txt", "result/extra", "manifest-extra"].randomElement(
      using: &random) ?? ""
  }

  /// Spoils the file; returns how to undo it, or `nil` where there is nothing to spoil.
  private func spoil(
    _ bag: String, _ name: String, _ mutation: Mutation, _ before: [UInt8]?, _ random: inout SeededGenerator
  ) throws -> (() throws -> Void)? {
    let url = URL(fileURLWithPath: bag + "/" + name)
    let files = FileManager.default
    func restore() throws { try Data(before ?? []).write(to: url) }
    switch mutation {
    case .flip:
      guard var bytes = before, !bytes.isEmpty else { return nil }
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try Data(bytes).write(to: url)
      return restore
    case .truncate:
      guard let bytes = before, !bytes.isEmpty else { return nil }
      try Data(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))).write(to: url)
      return restore
    case .delete:
      try files.removeItem(at: url)
      return restore
    case .rename:
      let other = url.appendingPathExtension("renamed")
      try files.moveItem(at: url, to: other)
      return { try files.moveItem(at: other, to: url) }
    case .add:
      let hadFolder = files.fileExists(atPath: url.deletingLastPathComponent().path)
      try files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("x".utf8).write(to: url)
      return { try files.removeItem(at: hadFolder ? url : url.deletingLastPathComponent()) }
    }
  }
}
