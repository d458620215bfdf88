internal import CFFmpeg

/// One failed FFmpeg call, or media that FFmpeg accepts and ferry must not.
package struct MediaError: Error, Hashable, Sendable, Codable {
  package enum Action: String, Sendable, Codable {
    case open, read, decode, filter, scale, resample, encode, write, finish
  }

  /// What we were doing.
  package let action: Action
  /// To which file or stream.
  package let subject: String
  /// What FFmpeg returned; its text is looked up when printed.
  package let code: Int32
  /// FFmpeg's last words on it, or ours.
  package let detail: String?
  /// What kind of fault it is, where somebody asks.
  package let fault: Fault?

  package enum Fault: String, Sendable, Codable {
    /// What was read and not made.
    case lost
    /// Content that is encrypted.
    case protected
    /// A file of no kind that is opened.
    case unknownKind
    /// An MP4 file without its index: cut short, or never finished.
    case noIndex
    /// Another stream goes on in the place of one that was chosen.
    case succession
    /// Two files in one, and what comes of the second is wrong.
    case joined
  }

  package init(_ action: Action, _ subject: String, code: Int32, detail: String? = nil, fault: Fault? = nil) {
    self.fault = fault
    self.action = action
    self.subject = subject
    self.code = code
    self.detail = detail
  }

  /// Whether the disk is full, which is nobody's fault in the media.
  package var isNoSpace: Bool { code == ferry_ENOSPC }
  package var isInvalidData: Bool { code == ferry_INVALIDDATA }
}

extension MediaError: CustomStringConvertible {
  package var description: String { "cannot \(action.rawValue) \(subject): \(reason)" }

  /// What came back, without what we were doing and to which file.
  var reason: String {
    let text = code == ferry_INVALIDDATA && detail != nil ? nil : libraryText(code)
    return [text, detail].compactMap { $0 }.joined(separator: ": ")
  }
}

/// FFmpeg's text for an error code.
private func libraryText(_ code: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  av_strerror(code, &buffer, buffer.count)
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Passes a non-negative result on and throws a negative one, with FFmpeg's last log line.
@discardableResult
func check(
  _ result: Int32, _ action: MediaError.Action, _ subject: @autoclosure () -> String
) throws(MediaError) -> Int32 {
  if result >= 0 { return result }
  throw MediaError(action, subject(), code: result, detail: LibraryLog.takeLastLine())
}

/// A pointer that FFmpeg returns as NULL only when memory ran out.
func unwrap<Pointee>(
  _ pointer: UnsafeMutablePointer<Pointee>?, _ action: MediaError.Action, _ subject: @autoclosure () -> String
) throws(MediaError) -> UnsafeMutablePointer<Pointee> {
  if let pointer { return pointer }
  throw MediaError(action, subject(), code: ferry_ENOMEM)
}
