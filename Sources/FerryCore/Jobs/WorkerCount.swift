/// How many titles are made at once.
package enum WorkerCount {
  /// One worker for each share of cores that an encoder keeps busy, and at least one.
  ///
  /// Two titles side by side with one encoder thread each take less time than one after the other with all threads.
  package static func standard(cores: Int, encoderThreads: Int) -> Int {
    max(1, cores / max(1, encoderThreads))
  }
}
