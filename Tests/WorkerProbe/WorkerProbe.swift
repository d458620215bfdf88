import FerryCore
import FerryExecution
import Foundation

/// A worker that behaves as its first argument says, for the tests of what runs workers.
@main
struct WorkerProbe {
  static func main() async throws {
    switch CommandLine.arguments.dropFirst().first {
    case "host": try await host(CommandLine.arguments[2], CommandLine.arguments[3])
    case "signals": try await signals()
    case "read": try read()
    case "read-host": try readHost(CommandLine.arguments[2])
    case let behaviour?: try work(behaviour)
    case nil: fatalError("no behaviour was named")
    }
  }

  private static func work(_ behaviour: String) throws {
    if behaviour == "not-listening" {
      close(STDIN_FILENO)
      return
    }
    if behaviour == "not-reading" { wait() }
    let order = try ParentPipe.order()
    switch behaviour {
    case "shut-in": return try shutIn(order)
    case "memory", "processor", "file-size": try shutIn(order, behaviour)
    case "mute":
      close(STDOUT_FILENO)
      close(STDERR_FILENO)
      signal(SIGTERM, SIG_IGN)
      wait()
    default: break
    }
    let pipe = ParentPipe(beat: .milliseconds(50))
    switch behaviour {
    case "finish": try finish(order, pipe)
    case "reject":
      pipe.say(.failed([Diagnostic("source.broken", at: Place("lesson.mp4"), "it is broken", hint: "film it again")]))
      exit(1)
    case "reject-unheard":
      try OutcomeRecord.write([Diagnostic("source.broken", at: Place("lesson.mp4"), "it is broken")], in: order.folder)
      close(STDOUT_FILENO)
      exit(1)
    case "fall":
      log("before the fall")
      kill(getpid(), SIGSEGV)
    case "trap": fatalError("this cannot be")
    case "decode":
      leave(Doing(.decodingPicture, "lesson.mp4 (stream 0)", at: 83_412), in: DoingNote.open(in: order.folder))
      try note(order)
      wait()
    case "bad-exit":
      log("no, thank you")
      exit(9)
    case "bad-record": try "[]".write(toFile: order.folder + "/outcome.json", atomically: false, encoding: .utf8)
    case "no-record": pipe.say(.finished)
    case "alive": wait()
    case "deaf":
      signal(SIGTERM, SIG_IGN)
      try note(order)
      wait()
    case "orphan":
      try note(order)
      wait()
    case "flood": try flood(order, pipe)
    case "babble": try babble(order, pipe)
    case "family": try family(order)
    case "environment":
      for name in ProcessInfo.processInfo.environment.keys.sorted() { log(name) }
      try finish(order, pipe)
    default: fatalError("no behaviour has the name \(behaviour)")
    }
  }

  private static func log(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  private static func wait() { while true { pause() } }

  private static func leave(_ doing: Doing, in descriptor: Int32) {
    _ = doing.note.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Leaves this process' number where the test finds it.
  private static func note(_ order: WorkOrder) throws {
    try "\(getpid())".write(toFile: order.folder + "/pid", atomically: true, encoding: .utf8)
  }

  private static func finish(_ order: WorkOrder, _ pipe: ParentPipe) throws {
    for second in 1...3 { pipe.say(.progress(position: Milliseconds(second * 1000))) }
    try OutcomeRecord.write(outcome(order), in: order.folder)
    pipe.say(.finished)
  }

  private static func outcome(_ order: WorkOrder) -> TitleOutcome {
    let transcode = TranscodeOutcome(
      renditions: [], sounds: [], poster: nil, thumbnails: nil, quality: Quality(findings: [], loudness: nil),
      duration: 3000, chapters: [], tools: ["probe"])
    return TitleOutcome(
      title: order.title, transcode: transcode, didEncode: true, files: [], links: [:], tracks: [], warnings: [])
  }

  private static func flood(_ order: WorkOrder, _ pipe: ParentPipe) throws {
    let noise = Data((String(repeating: "x", count: 999) + "\n").utf8)
    for _ in 0..<8000 {
      FileHandle.standardOutput.write(noise)
      FileHandle.standardError.write(noise)
    }
    // One line without an end, larger than anybody should keep.
    FileHandle.standardOutput.write(Data(repeating: 120, count: 3 << 20) + Data("\n".utf8))
    try finish(order, pipe)
  }

  private static func babble(_ order: WorkOrder, _ pipe: ParentPipe) throws {
    FileHandle.standardOutput.write(
      Data("{\"progress\":\nnull\n[]\n\u{1}\n{\"progress\":{\"position\":\"soon\"}}\n".utf8) + Data([0xFF, 0xFE, 10]))
    // A separator of lines for Unicode, but not for JSON lines.
    pipe.say(.failed([Diagnostic("title.bad", at: Place("a\u{2028}b"), "one\u{85}two")]))
    exit(1)
  }

  /// Starts a program that holds this process' pipes open, and falls.
  private static func family(_ order: WorkOrder) throws {
    var child = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
    if posix_spawn(&child, "/bin/sleep", nil, nil, &arguments, nil) != 0 { fatalError("no /bin/sleep") }
    try "\(child)".write(toFile: order.folder + "/child", atomically: true, encoding: .utf8)
    kill(getpid(), SIGKILL)
  }
}

extension WorkerProbe {
  /// A reader that does what its questions say.
  private static func read() throws {
    var input = ReaderInput()
    guard let readable = try input.next([String].self) else { return }
    if readable == ["nothing"] { exit(7) }
    let limits = Sandbox.Limits(memory: 4 << 30, processorTime: .seconds(60), fileSize: 1 << 20)
    _ = try Sandbox.apply(Sandbox.Rules(readOnly: readable, readWrite: [], limits: limits))
    input.endWithParent()
    var count = 0
    while let question = try input.next(String.self) {
      count += 1
      leave(Doing(.opening, question), in: ReaderInput.note)
      switch question {
      case "process": try input.answer("\(getpid())")
      case "fall": kill(getpid(), SIGSEGV)
      case "fall later" where count > 1: kill(getpid(), SIGILL)
      case "trap": fatalError("this cannot be")
      case "exit": exit(9)
      case "hang": wait()
      case "work":
        for step in 1...8 {
          usleep(100_000)
          leave(Doing(.reading, question, at: Milliseconds(step)), in: ReaderInput.note)
        }
        try input.answer("worked")
      case "number": try input.answer(1)
      case "long": try input.answer(String(repeating: "a", count: 5 << 20))
      default:
        let content = FileManager.default.contents(atPath: question)
        try input.answer(content.map { String(decoding: $0, as: UTF8.self) } ?? "refused")
      }
    }
  }

  /// Stands for a command: one reader, which says its number and then hangs.
  private static func readHost(_ folder: String) throws {
    let readers = Readers(executable: CommandLine.arguments[0], arguments: ["read"], readable: [])
    let number: String = try readers.ask("process", patience: .seconds(10))
    try number.write(toFile: folder + "/pid", atomically: true, encoding: .utf8)
    let _: String = try readers.ask("hang", patience: .seconds(60))
  }

  /// Enters the sandbox as a worker does and then uses what workers use.
  private static func shutIn(_ order: WorkOrder) throws {
    let limits = Sandbox.Limits(memory: 4 << 30, processorTime: .seconds(60), fileSize: 64 << 20)
    let layers = try Sandbox.apply(Sandbox.Rules(for: order, limits: limits))
    let pipe = ParentPipe(beat: .milliseconds(50))
    var wrong: [Diagnostic] = []
    func expect(_ holds: Bool, _ what: String) {
      if !holds { wrong.append(Diagnostic("probe.wrong", at: Place("sandbox"), what)) }
    }
    expect(layers.held == Sandbox.Layer.allCases, "layers: \(layers)")
    let files = FileManager.default
    let folder = order.folder
    // What a title's work does: folders, atomic files, links and copies, text encodings, dates, threads.
    try files.createDirectory(atPath: folder + "/lesson/hls", withIntermediateDirectories: true)
    try Data("kept".utf8).write(to: URL(fileURLWithPath: folder + "/kept.json"), options: .atomic)
    expect(link(folder + "/kept.json", folder + "/lesson/hls/kept.json") == 0, "a link inside is refused")
    try files.copyItem(atPath: folder + "/kept.json", toPath: folder + "/lesson/copy")
    try files.copyItem(atPath: order.source, toPath: folder + "/lesson/source")
    try files.removeItem(atPath: folder + "/lesson/copy")
    expect(files.contents(atPath: order.source) == Data("lesson".utf8), "the source cannot be read")
    let converter = iconv_open("UTF-8", "GB18030")
    expect(converter != iconv_t(bitPattern: -1), "no converters")
    expect(Date(timeIntervalSince1970: 0).formatted(.iso8601) == "1970-01-01T00:00:00Z", "no dates")
    let group = DispatchGroup()
    for _ in 0..<8 { DispatchQueue.global().async(group: group) { usleep(1000) } }
    group.wait()
    // What a stranger's file might do.
    let outside = URL(fileURLWithPath: order.source).deletingLastPathComponent().path
    expect(files.contents(atPath: outside + "/secret") == nil, "a file beside the source can be read")
    expect(files.contents(atPath: "/etc/passwd") == nil, "/etc/passwd can be read")
    expect(open(order.source, O_WRONLY) < 0 && errno == EACCES, "the source can be written")
    expect(link(order.source, folder + "/lesson/link") < 0 && errno == EXDEV, "the source got a writable name")
    expect(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) < 0 && errno == EPERM, "a socket can be made")
    expect(chmod(order.source, 0) < 0 && errno == EPERM, "the source can be changed")
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/true")
    do {
      try child.run()
      expect(false, "a program can be started")
    } catch {}
    if !wrong.isEmpty {
      pipe.say(.failed(wrong))
      exit(1)
    }
    try finish(order, pipe)
  }

  /// Goes over one limit.
  private static func shutIn(_ order: WorkOrder, _ excess: String) throws {
    let memory = excess == "memory" ? 1 << 30 : nil
    let limits = Sandbox.Limits(
      memory: memory, processorTime: excess == "processor" ? .seconds(1) : nil,
      fileSize: excess == "file-size" ? 1 << 20 : nil)
    _ = try Sandbox.apply(Sandbox.Rules(for: order, limits: limits))
    switch excess {
    case "memory":
      let numbers = [UInt8](repeating: 1, count: 2 << 30)
      log("\(numbers.count)")
    case "processor":
      var count: UInt64 = 0
      while true { count &+= 1 }
    default: try Data(count: 2 << 20).write(to: URL(fileURLWithPath: order.folder + "/large"))
    }
  }

  /// Stands for a run: one worker, until somebody kills this process.
  private static func host(_ behaviour: String, _ folder: String) async throws {
    let worker = Worker(executable: CommandLine.arguments[0], arguments: [behaviour])
    let order = WorkOrder(
      title: "T", name: [:], source: folder + "/source", sourceDigest: "", sourceLanguage: LanguageTag("zh-Hans")!,
      recipe: Recipe(video: nil, audio: nil), outputs: [], text: Profile.TextRules(), tracks: [], isPreparation: false,
      kept: nil, folder: folder)
    _ = try await worker.run(order)
  }

  /// Says which stop each signal asks for.
  private static func signals() async throws {
    let stop = Stop()
    try await Signals.stopping(stop, within: .seconds(7)) {
      print("ready")
      fflush(nil)
      for await manner in stop.requests {
        print(manner)
        fflush(nil)
      }
    }
  }
}
