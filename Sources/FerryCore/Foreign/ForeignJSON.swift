/// JSON that somebody else wrote, or that may be damaged.
package enum ForeignJSON {
  /// A number that no file, length or count has: the place in the document, and the number as it is written.
  package struct Absurd: Error, Hashable, CustomStringConvertible {
    package var path: String
    package var number: String

    package var description: String { "'\(path)' is \(number), which is out of range" }
  }

  /// The largest number, 2⁵⁰: sums of thousands of them, or one in thousandths, still fit.
  private static let largest = Double(1 << 50)

  /// Throws for the first number that is out of range; what else is wrong with the document is its decoder's to say.
  package static func check(_ bytes: [UInt8]) throws(Absurd) {
    var scanner = Scanner(bytes: bytes)
    while scanner.index < bytes.count { if let absurd = scanner.next() { throw absurd } }
  }

  private struct Scanner {
    let bytes: [UInt8]
    var index = 0
    /// The key or the index in each object or list around the place.
    private var path: [Step] = []
    private var text = ""

    private enum Step {
      case key(String)
      case index(Int)
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Absurd? {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        readText()
        return nil
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return readNumber()
      case UInt8(ascii: "{"): path.append(.key(""))
      case UInt8(ascii: "["): path.append(.index(0))
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = path.popLast()
      case UInt8(ascii: ":"): if case .key = path.last { path[path.count - 1] = .key(text) }
      case UInt8(ascii: ","): if case .index(let place) = path.last { path[path.count - 1] = .index(place + 1) }
      default: break
      }
      index += 1
      return nil
    }

    private mutating func readText() {
      let start = index + 1
      index = start
      while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
        index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index = min(index, bytes.count)
      text = String(decoding: bytes[start..<max(start, index)].prefix(100), as: UTF8.self)
      index += 1
    }

    private mutating func readNumber() -> Absurd? {
      let start = index
      while index < bytes.count, "+-.eE0123456789".utf8.contains(bytes[index]) { index += 1 }
      let written = String(decoding: bytes[start..<index], as: UTF8.self)
      if let value = Double(written), value.magnitude <= ForeignJSON.largest { return nil }
      return Absurd(path: place, number: String(written.prefix(40)))
    }

    private var place: String {
      path.reduce(into: "") { words, step in
        switch step {
        case .key(let name): words += words.isEmpty ? name : ".\(name)"
        case .index(let place): words += "[\(place)]"
        }
      }
    }
  }
}
