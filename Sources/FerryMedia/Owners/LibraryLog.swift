internal import CFFmpeg
internal import Foundation
internal import Synchronization

/// What FFmpeg says about errors, caught instead of printed: the last line goes into the error it explains.
///
/// FFmpeg has one log callback for the process. Lines at level error and worse go to the sink of the thread that
/// logs, if it has one, and always become the last line.
enum LibraryLog {
  private static let lastLine = Mutex<String?>(nil)

  /// Lines caught for one thread.
  final class Sink {
    fileprivate(set) var lines: [String] = []
  }

  private static let sinkKey: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Installs the callback, once; every open calls it.
  static let install: Void = {
    av_log_set_level(AV_LOG_ERROR)
    av_log_set_callback { context, level, format, arguments in
      guard level <= AV_LOG_ERROR, let format, let arguments else { return }
      LibraryLog.take(context, level, format, arguments)
    }
  }()

  /// The last error line since it was last taken.
  static func takeLastLine() -> String? {
    lastLine.withLock { line in
      defer { line = nil }
      return line
    }
  }

  /// Everything logged on this thread while `body` runs.
  static func capture<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> (value: Value, lines: [String]) {
    _ = install
    let sink = Sink()
    pthread_setspecific(sinkKey, Unmanaged.passUnretained(sink).toOpaque())
    defer { pthread_setspecific(sinkKey, nil) }
    let value = try body()
    return (value, sink.lines)
  }

  private static func take(
    _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
  ) {
    var buffer = [CChar](repeating: 0, count: 1024)
    // `[h264 @ 0x55…]` names an address: the prefix is dropped so that messages are the same on every run.
    var printPrefix: Int32 = 0
    av_log_format_line2(nil, level, format, arguments, &buffer, Int32(buffer.count), &printPrefix)
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if text.isEmpty { return }
    lastLine.withLock { $0 = text }
    if let sink = pthread_getspecific(sinkKey) {
      Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue().lines.append(text)
    }
  }
}
