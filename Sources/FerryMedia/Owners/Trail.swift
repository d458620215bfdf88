internal import FerryCore
internal import Foundation
internal import Synchronization

/// Keeps a note of what this process is doing where its parent finds it, should it die: a few bytes in a file, written
/// over and over. A process that was given none keeps none.
package enum Trail {
  private static let descriptor = Atomic<Int32>(-1)

  /// Notes go to the open file `descriptor` from now on.
  package static func keep(in descriptor: Int32) { Trail.descriptor.store(descriptor, ordering: .relaxed) }

  /// A note that cannot be written is no reason to do anything else.
  static func note(_ doing: @autoclosure () -> Doing) {
    let descriptor = Trail.descriptor.load(ordering: .relaxed)
    if descriptor < 0 { return }
    _ = doing().note.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }
}
