internal import CSandbox
package import FerryCore
internal import Foundation

/// What a worker shuts itself into before it touches a stranger's file: limits, no new privileges, Landlock, seccomp.
///
/// It must happen while the process has one thread: Landlock holds for the calling thread and those it starts. A layer
/// that the kernel does not have is named, and the others still hold.
package enum Sandbox {
  package enum Layer: String, Hashable, Sendable, Codable, CaseIterable {
    case limits
    case privileges = "no-new-privileges"
    case landlock
    case seccomp
  }

  /// What the process may use up; what is `nil` is not limited.
  package struct Limits: Hashable, Sendable, Codable {
    /// Address space in bytes, which counts what is reserved too: Swift with FFmpeg's libraries starts at 300 MB.
    package var memory: Int?
    package var processorTime: Duration?
    /// The largest single file, in bytes.
    package var fileSize: Int?
    /// Never below 256: libdispatch traps when it cannot open its own thread's entry in `/proc`.
    package var openFiles: Int

    package init(memory: Int?, processorTime: Duration?, fileSize: Int?, openFiles: Int = 256) {
      self.memory = memory
      self.processorTime = processorTime
      self.fileSize = fileSize
      self.openFiles = openFiles
    }
  }

  /// Which files and how much of the machine a process may use.
  package struct Rules: Hashable, Sendable {
    /// Files and folders to read; one that is not there is left to whoever reads it.
    package var readOnly: [String]
    /// Folders to read and write.
    package var readWrite: [String]
    package var limits: Limits

    package init(readOnly: [String], readWrite: [String], limits: Limits) {
      self.readOnly = readOnly
      self.readWrite = readWrite
      self.limits = limits
    }

    /// The very files of an order, and its folder.
    package init(for order: WorkOrder, limits: Limits) {
      self.init(
        readOnly: [order.source] + order.tracks.map(\.path) + [order.kept].compactMap { $0 },
        readWrite: [order.folder], limits: limits)
    }
  }

  /// What holds and what does not.
  package struct Layers: Hashable, Sendable, Codable {
    package var held: [Layer]
    /// Why a layer does not hold, in words.
    package var missing: [Layer: String]
    /// Landlock's version, which says how much it sees.
    package var landlockVersion: Int?
  }

  /// Why a process could not be shut in although the kernel can.
  package enum Failure: Error, Hashable {
    /// Threads that run already would stay outside.
    case threads(Int)
    case layer(Layer, subject: String, code: Int32)
  }

  /// Shuts this process in, for good, as far as the kernel can.
  package static func apply(_ rules: Rules, leavingOut: Set<Layer> = []) throws -> Layers {
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    if threads != 1 { throw Failure.threads(threads) }
    _ = ferry_deny_dumps()
    let box = try Box.make(rules, Set(Layer.allCases).subtracting(leavingOut))
    return try box.enter()
  }
}

extension Sandbox.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .threads(let count): "the sandbox must be entered with one thread, and there are \(count)"
    case .layer(let layer, let subject, let code):
      "\(layer.rawValue) cannot be set up for \(subject): \(String(cString: strerror(code)))"
    }
  }
}

/// A sandbox, prepared: what is left to do are system calls only, so that a forked child may do them too.
struct Box: ~Copyable {
  private let layers: Set<Sandbox.Layer>
  private let limits: [ferry_limit]
  private let ruleset: Int32
  private let landlock: Landlock

  private enum Landlock {
    case unwanted
    case missing(String)
    case version(Int32)
  }

  static func make(_ rules: Sandbox.Rules, _ layers: Set<Sandbox.Layer>) throws -> Box {
    let limits = layers.contains(.limits) ? rules.limits.kernelLimits : []
    guard layers.contains(.landlock) else {
      return Box(layers: layers, limits: limits, ruleset: -1, landlock: .unwanted)
    }
    let version = ferry_landlock_abi()
    switch -version {
    case ENOSYS:
      return Box(layers: layers, limits: limits, ruleset: -1, landlock: .missing("the kernel has no Landlock"))
    case EOPNOTSUPP:
      return Box(
        layers: layers, limits: limits, ruleset: -1, landlock: .missing("Landlock is switched off (boot with lsm=)"))
    case 1...: throw Sandbox.Failure.layer(.landlock, subject: "this process", code: -version)
    default: break
    }
    let ruleset = ferry_landlock_create(version)
    if ruleset < 0 { throw Sandbox.Failure.layer(.landlock, subject: "this process", code: -ruleset) }
    let box = Box(layers: layers, limits: limits, ruleset: ruleset, landlock: .version(version))
    for path in systemReadOnly + rules.readOnly { try box.allow(path, version, isWritable: false, isNeeded: false) }
    for path in systemReadWrite { try box.allow(path, version, isWritable: true, isNeeded: false) }
    for path in rules.readWrite { try box.allow(path, version, isWritable: true, isNeeded: true) }
    return box
  }

  deinit { if ruleset >= 0 { close(ruleset) } }

  /// What libraries open at any time: converters and locales, time zones, the processors and their memory (x265 starts
  /// no threads without), and `/proc` as a whole, because libdispatch reads a new thread's entry there and traps where
  /// it cannot.
  private static let systemReadOnly = [
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/usr/share/locale",
    "/usr/share/zoneinfo", "/etc/localtime", "/proc", "/sys/devices/system/cpu", "/sys/devices/system/node",
    "/dev/urandom",
  ]
  private static let systemReadWrite = ["/dev/null"]

  private borrowing func allow(_ path: String, _ version: Int32, isWritable: Bool, isNeeded: Bool) throws {
    let code = -ferry_landlock_allow(ruleset, path, isWritable, version)
    if code == 0 || (!isNeeded && [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(code)) { return }
    throw Sandbox.Failure.layer(.landlock, subject: path, code: code)
  }

  /// Lends the C side what it needs.
  borrowing func withKernelBox<Result>(_ body: (UnsafePointer<ferry_sandbox>) -> Result) -> Result {
    limits.withUnsafeBufferPointer { limits in
      var box = ferry_sandbox(
        limits: limits.baseAddress, limit_count: Int32(limits.count), no_new_privileges: layers.contains(.privileges),
        ruleset_fd: ruleset, seccomp: layers.contains(.seccomp))
      return body(&box)
    }
  }

  borrowing func enter() throws -> Sandbox.Layers {
    let result = withKernelBox { ferry_sandbox_enter($0) }
    var answer = Sandbox.Layers(held: [], missing: [:], landlockVersion: nil)
    let codes: [(Sandbox.Layer, Int32)] = [
      (.limits, result.limits), (.privileges, result.no_new_privileges), (.landlock, result.landlock),
      (.seccomp, result.seccomp),
    ]
    for (layer, code) in codes where layers.contains(layer) {
      switch (layer, code) {
      case (.landlock, 0):
        switch landlock {
        case .missing(let reason): answer.missing[layer] = reason
        case .version(let version):
          answer.held.append(layer)
          answer.landlockVersion = Int(version)
        case .unwanted: break
        }
      case (.seccomp, ENOSYS), (.seccomp, EINVAL):
        answer.missing[layer] = "the kernel has no system call filters for this processor"
      case (_, 0): answer.held.append(layer)
      default: throw Sandbox.Failure.layer(layer, subject: "this process", code: code)
      }
    }
    for layer in Sandbox.Layer.allCases where !layers.contains(layer) { answer.missing[layer] = "left out" }
    return answer
  }
}

extension Sandbox.Limits {
  /// How long a process has after SIGXCPU, in seconds.
  private static let lastSeconds: UInt64 = 5

  fileprivate var kernelLimits: [ferry_limit] {
    func limit(_ resource: __rlimit_resource, _ value: Int, _ more: UInt64 = 0) -> ferry_limit {
      ferry_limit(resource: Int32(resource.rawValue), soft: UInt64(value), hard: UInt64(value) + more)
    }
    var limits = [limit(RLIMIT_CORE, 0), limit(RLIMIT_NOFILE, openFiles)]
    if let memory { limits.append(limit(RLIMIT_AS, memory)) }
    if let fileSize { limits.append(limit(RLIMIT_FSIZE, fileSize)) }
    if let processorTime {
      limits.append(limit(RLIMIT_CPU, max(1, Int(processorTime.components.seconds)), Self.lastSeconds))
    }
    return limits
  }
}
