import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryPackage

/// Files of which only the changed part travels.
struct DeltaTests {
  private func bytes(_ count: Int, seed: UInt64) -> Data {
    var random = SeededGenerator(seed: seed)
    return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// What the parts make, read as a partner would.
  private func made(_ found: (list: PartList, bytes: [UInt8]), from old: Data) -> Data {
    found.list.parts.reduce(into: Data()) { made, part in
      let range = part.start..<part.start + part.count
      made += part.origin == .base ? old[range] : Data(found.bytes[range])
    }
  }

  @Test func findsWhatMoved() throws {
    let old = bytes(60_000, seed: 1)
    let new = old[..<20_000] + Data("corrected".utf8) + old[20_100..<59_000] + Data([1, 2, 3])
    let found = try #require(CommonParts.between(old, new))
    #expect(made(found, from: old) == new)
    #expect(found.bytes.count == 12)
    #expect(found.list.text == "base 0 20000\nnew 0 9\nbase 20100 38900\nnew 9 3\n")
    let file = try PartList(found.list.text, file: "l")
    #expect(file == found.list)
  }

  @Test func isQuickWhereAllBlocksAreAlike() throws {
    let old = Data(repeating: 0, count: 400_000)
    let new = Data(repeating: 0, count: 300_000) + bytes(1000, seed: 2) + Data(repeating: 0, count: 90_000)
    let found = try #require(CommonParts.between(old, new))
    #expect(made(found, from: old) == new && found.bytes.count <= 1000)
  }

  @Test func otherFilesTravelWhole() {
    #expect(CommonParts.between(bytes(60_000, seed: 1), bytes(60_000, seed: 2)) == nil)
    #expect(CommonParts.between(Data(), bytes(60_000, seed: 2)) == nil)
  }

  @Test(arguments: [
    "base 0", "base 0 0\n", "base -1 5\n", "old 0 5\n", "new 1 5\n", "new 0 5\nnew 6 1\n", "base 0 5", "base 0 5\n\n",
    "base  0 5\n", "base 9223372036854775807 1\n", "base 00 5\n", "base 0 5 \n",
  ]) func listsThatAreNoneAreRefused(_ text: String) {
    #expect {
      _ = try PartList(text, file: "l")
    } throws: { "\($0)".contains("l: error: it is no list of ranges") }
  }

  @Test func rangesMayComeBack() throws {
    let old = bytes(60_000, seed: 1)
    let new = old[30_000...] + old[..<30_000]
    let found = try #require(CommonParts.between(old, new))
    #expect(made(found, from: old) == new && found.list.text == "base 30000 30000\nbase 0 30000\n")
  }

  @Test func aShortListCannotFillTheDisk() throws {
    let scratch = try Scratch("delta")
    let base = try scratch.write("0123456789", "base")
    let twice = try PartList("base 0 10\nbase 0 10\n", file: "l")
    var made = 0
    #expect(try twice.assemble(base: base, new: "") { made += $0.count } && made == 20)
    let often = try PartList("base 0 10\nbase 0 10\nbase 0 1\n", file: "l")
    #expect(try !often.assemble(base: base, new: "") { made += $0.count } && made == 20)
    #expect(try !PartList("base 5 6\n", file: "l").assemble(base: base, new: "") { _ in })
    #expect(try !PartList("new 0 1\n", file: "l").assemble(base: base, new: base + "none") { _ in })
  }
}
