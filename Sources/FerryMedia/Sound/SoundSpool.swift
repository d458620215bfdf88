internal import FerryCore
internal import Glibc

/// Sound that waits in a file without a name, as 32-bit floats, until its gain is known.
///
/// The file is unlinked as it is made: whatever happens, nothing is left behind.
final class SoundSpool {
  private let descriptor: Int32
  private let folder: String
  private let channels: Int
  private var buffer: [Float]
  /// Floats in the buffer, and of those the ones read already.
  private var filled = 0
  private var taken = 0
  private var isReading = false

  private static let capacity = 1 << 17

  static func open(in folder: String, channels: Int) throws(MediaError) -> SoundSpool {
    let path = folder + "/sound.spool"
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw MediaError(.write, folder, code: -errno) }
    unlink(path)
    return SoundSpool(descriptor: descriptor, folder: folder, channels: channels)
  }

  private init(descriptor: Int32, folder: String, channels: Int) {
    self.descriptor = descriptor
    self.folder = folder
    self.channels = channels
    buffer = Array(repeating: 0, count: SoundSpool.capacity)
  }

  func append(
    _ planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, count: Int
  ) throws(MediaError) {
    var done = 0
    while done < count {
      let part = min(count - done, (buffer.count - filled) / channels)
      if part == 0 {
        try flush()
        continue
      }
      let start = filled
      buffer.withUnsafeMutableBufferPointer { buffer in
        for channel in 0..<channels {
          let samples = planes[channel] + done
          for index in 0..<part { buffer[start + index * channels + channel] = samples[index] }
        }
      }
      filled += part * channels
      done += part
    }
  }

  private func flush() throws(MediaError) {
    let bytes = filled * MemoryLayout<Float>.size
    var written = 0
    while written < bytes {
      let result = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, bytes - written) }
      if result < 0 {
        if errno == EINTR { continue }
        throw MediaError(.write, folder, code: -errno)
      }
      written += result
    }
    filled = 0
  }

  /// Begins to read from the first sample.
  func rewind() throws(MediaError) {
    if !isReading { try flush() }
    isReading = true
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw MediaError(.read, folder, code: -errno) }
    (filled, taken) = (0, 0)
  }

  /// Fills the planes with the next samples, at most `count`; 0 at the end.
  func read(
    into planes: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, count: Int
  ) throws(MediaError) -> Int {
    var done = 0
    while done < count {
      if taken == filled, try !refill() { break }
      let part = min(count - done, (filled - taken) / channels)
      let start = taken
      buffer.withUnsafeBufferPointer { buffer in
        for channel in 0..<channels {
          let samples = planes[channel] + done
          for index in 0..<part { samples[index] = buffer[start + index * channels + channel] }
        }
      }
      taken += part * channels
      done += part
    }
    return done
  }

  private func refill() throws(MediaError) -> Bool {
    let room = buffer.count / channels * channels * MemoryLayout<Float>.size
    var held = 0
    while held < room {
      let result = buffer.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + held }, room - held)
      }
      if result < 0 {
        if errno == EINTR { continue }
        throw MediaError(.read, folder, code: -errno)
      }
      if result == 0 { break }
      held += result
    }
    (filled, taken) = (held / MemoryLayout<Float>.size, 0)
    return filled > 0
  }

  deinit { close(descriptor) }
}
