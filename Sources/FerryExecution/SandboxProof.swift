internal import CSandbox
internal import Foundation

extension Sandbox {
  /// What became of one layer when something tried to break it.
  package struct LayerReport: Hashable, Sendable, Codable {
    package var layer: Layer
    package var isHeld: Bool
    /// What was refused, or what went through, in words.
    package var detail: String
  }

  /// Proves each layer by a child that is shut in and then tries what the layer must refuse, and what it must not.
  ///
  /// Each layer stands alone in its child, so that none is held up by another.
  package static func selfTest(leavingOut: Set<Layer> = []) throws -> [LayerReport] {
    let scene = try Scene.make()
    let reports = Result {
      try Layer.allCases.map { layer in
        var layers: Set<Layer> = [layer]
        // An unprivileged process may not enter either of these without it.
        if layer == .landlock || layer == .seccomp { layers.insert(.privileges) }
        let box = try Box.make(scene.rules, layers.subtracting(leavingOut))
        return report(layer, scene.trials(of: layer, ferry_landlock_abi()), box)
      }
    }
    try scene.remove()
    return try reports.get()
  }

  private static func report(_ layer: Layer, _ trials: [Trial], _ box: borrowing Box) -> LayerReport {
    if layer == .landlock, ferry_landlock_abi() < 0 {
      return LayerReport(layer: layer, isHeld: false, detail: "the kernel has no Landlock, or it is switched off")
    }
    var wrong: [String] = []
    for trial in trials {
      let end = box.withKernelBox { Trial.End(ferry_sandbox_try($0, trial.attempt, trial.path, trial.amount)) }
      if end == .notEntered {
        return LayerReport(layer: layer, isHeld: false, detail: "the kernel does not let a process enter it")
      }
      if end != trial.expected { wrong.append("\(trial.name): \(end), not \(trial.expected)") }
    }
    let version = layer == .landlock ? "version \(ferry_landlock_abi()): " : ""
    return LayerReport(
      layer: layer, isHeld: wrong.isEmpty,
      detail: version + (wrong.isEmpty ? trials.map(\.name) : wrong).joined(separator: ", "))
  }
}

/// One thing to try inside, and how it must end.
private struct Trial {
  enum End: Equatable, CustomStringConvertible {
    case done
    case refused(Int32)
    case killed(Int32)
    case notEntered

    /// What waitpid(2) said about the child.
    init(_ status: Int32) {
      if status < 0 || (ferry_status_exited(status) && ferry_status_code(status) == 255) {
        self = .notEntered
      } else if ferry_status_exited(status) {
        let code = ferry_status_code(status)
        self = code == 0 ? .done : .refused(code)
      } else {
        self = .killed(ferry_status_signal(status))
      }
    }

    var description: String {
      switch self {
      case .done: "done"
      case .refused(let code): "refused (\(String(cString: strerror(code))))"
      case .killed(let signal): "killed (\(String(cString: strsignal(signal))))"
      case .notEntered: "not entered"
      }
    }
  }

  var name: String
  var attempt: ferry_attempt
  var path = ""
  var amount: UInt64 = 0
  var expected: End
}

/// A folder with something to read, something to write and something that is nobody's business.
private struct Scene {
  private let folder: String
  private var open: String { folder + "/open" }
  private var lesson: String { folder + "/read/lesson" }
  private var secret: String { folder + "/secret" }

  static func make() throws -> Scene {
    let scene = Scene(folder: NSTemporaryDirectory() + "/ferry-sandbox-" + UUID().uuidString)
    let files = FileManager.default
    try files.createDirectory(atPath: scene.open, withIntermediateDirectories: true)
    try files.createDirectory(atPath: scene.folder + "/read", withIntermediateDirectories: true)
    for path in [scene.lesson, scene.secret] { try "content".write(toFile: path, atomically: false, encoding: .utf8) }
    return scene
  }

  func remove() throws { try FileManager.default.removeItem(atPath: folder) }

  var rules: Sandbox.Rules {
    Sandbox.Rules(
      readOnly: [folder + "/read"], readWrite: [open],
      limits: Sandbox.Limits(memory: 512 << 20, processorTime: .seconds(60), fileSize: 1 << 20, openFiles: 256))
  }

  func trials(of layer: Sandbox.Layer, _ version: Int32) -> [Trial] {
    switch layer {
    case .limits:
      [
        Trial(name: "memory", attempt: FERRY_MAP_MEMORY, amount: 512 << 20, expected: .refused(ENOMEM)),
        Trial(
          name: "size of a file", attempt: FERRY_GROW_FILE, path: open + "/large", amount: 2 << 20,
          expected: .killed(SIGXFSZ)),
        Trial(name: "open files", attempt: FERRY_OPEN_MANY, path: lesson, amount: 256, expected: .refused(EMFILE)),
      ]
    case .privileges:
      [Trial(name: "setuid programs", attempt: FERRY_GAIN_PRIVILEGES, expected: .refused(EPERM))]
    case .landlock: landlock(version)
    case .seccomp:
      [
        Trial(name: "sockets", attempt: FERRY_SOCKET, expected: .refused(EPERM)),
        Trial(name: "programs", attempt: FERRY_EXEC, expected: .refused(EPERM)),
        Trial(name: "processes", attempt: FERRY_FORK, expected: .refused(EPERM)),
        Trial(name: "tracing", attempt: FERRY_TRACE, expected: .refused(EPERM)),
        Trial(name: "signals to others", attempt: FERRY_SIGNAL, expected: .refused(EPERM)),
        Trial(name: "higher limits", attempt: FERRY_RAISE_LIMIT, expected: .refused(EPERM)),
        Trial(name: "emptying files", attempt: FERRY_TRUNCATE, path: lesson, expected: .refused(EPERM)),
      ]
    }
  }

  private func landlock(_ version: Int32) -> [Trial] {
    var trials = [
      Trial(name: "reading outside", attempt: FERRY_READ, path: secret, expected: .refused(EACCES)),
      Trial(name: "writing outside", attempt: FERRY_WRITE, path: folder + "/new", expected: .refused(EACCES)),
      Trial(name: "writing a source", attempt: FERRY_WRITE, path: lesson, expected: .refused(EACCES)),
      Trial(name: "reading a source is allowed", attempt: FERRY_READ, path: lesson, expected: .done),
      Trial(name: "writing a result is allowed", attempt: FERRY_WRITE, path: open + "/new", expected: .done),
    ]
    if version >= 3 {
      trials.append(
        Trial(name: "emptying a source", attempt: FERRY_TRUNCATE, path: lesson, expected: .refused(EACCES)))
    }
    if version >= 4 { trials.append(Trial(name: "TCP", attempt: FERRY_CONNECT, expected: .refused(EACCES))) }
    if version >= 6 { trials.append(Trial(name: "signals", attempt: FERRY_SIGNAL, expected: .refused(EPERM))) }
    return trials
  }
}
