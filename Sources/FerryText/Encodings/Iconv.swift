internal import FerryCore
internal import Glibc

/// A strict conversion by the C library, which says exactly where it had to stop.
struct Iconv: ~Copyable {
  private let raw: iconv_t

  /// `nil` when this system lacks the conversion (on Debian it is part of libc6).
  static func open(from encoding: TextEncoding) -> Iconv? { open(from: encoding.conversionName, to: "UTF-8") }

  /// A conversion between encodings by the C library's names.
  static func open(from source: String, to target: String) -> Iconv? {
    _ = kept
    guard let raw = iconv_open(target, source), Int(bitPattern: raw) != -1 else { return nil }
    return Iconv(raw: raw)
  }

  /// How many conversions stay open for good: the library unloads each one's code with its last use, and loading it takes
  /// longer than converting a subtitle file.
  private static let kept = TextEncoding.allCases.count { encoding in
    iconv_open("UTF-8", encoding.conversionName) != iconv_t(bitPattern: -1)
  }

  deinit { iconv_close(raw) }

  /// Appends what converts of `bytes` from `start` on; `nil` when that is all, else the offset of the first byte that does not.
  func append(_ bytes: [UInt8], from start: Int, to text: inout [UInt8]) -> Int? {
    var offset = start
    var chunk = [UInt8](repeating: 0, count: min(1 << 16, (bytes.count - start) * 4 + 64))
    iconv(raw, nil, nil, nil, nil)
    while offset < bytes.count {
      let (next, written, stop) = bytes.withUnsafeBufferPointer { input in
        chunk.withUnsafeMutableBytes { output in
          // glibc's prototype lacks the `const` that its implementation keeps: the input is not written to.
          var inBytes = UnsafeMutablePointer<CChar>(
            mutating: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input)[offset...])
              .assumingMemoryBound(to: CChar.self).baseAddress)
          var inLeft = input.count - offset
          var outBytes = output.assumingMemoryBound(to: CChar.self).baseAddress
          var outLeft = output.count
          let result = iconv(raw, &inBytes, &inLeft, &outBytes, &outLeft)
          let stop = result == -1 && errno != E2BIG
          return (input.count - inLeft, output.count - outLeft, stop)
        }
      }
      text += chunk[..<written]
      offset = next
      if stop { return offset }
    }
    // Some Big5-HKSCS characters become two; where a buffer ends between them, the second waits for this call.
    let held = chunk.withUnsafeMutableBytes { output in
      var outBytes = output.assumingMemoryBound(to: CChar.self).baseAddress
      var outLeft = output.count
      iconv(raw, nil, nil, &outBytes, &outLeft)
      return output.count - outLeft
    }
    text += chunk[..<held]
    return nil
  }
}

extension TextEncoding {
  /// The name under which the C library converts it without loss.
  ///
  /// GB18030 and not "GB2312", which maps A1AA and A1A4 to other characters than every Chinese system does.
  fileprivate var conversionName: String {
    switch self {
    case .utf8: "UTF-8"
    case .utf16LittleEndian: "UTF-16LE"
    case .utf16BigEndian: "UTF-16BE"
    case .gb18030: "GB18030"
    case .big5: "BIG5-HKSCS"
    case .eucKR: "UHC"
    case .shiftJIS: "CP932"
    case .eucJP: "EUC-JP-MS"
    case .windows1252: "CP1252"
    case .windows1250: "CP1250"
    case .windows1251: "CP1251"
    }
  }
}
