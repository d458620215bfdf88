internal import Foundation

/// Does what is slow on a thread of its own, so that neither an actor nor the few threads of all tasks wait for it.
func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}
