import Foundation
import Testing

/// Files that mean harm: they are refused in a clear line, or opened without opening anything beside them.
///
/// Every process is watched with `strace`; `fixtures/make/hostile.py` says what each file is.
@Suite(.serialized)
struct HostileTests {
  @Test func probingOpensNothingBesideTheFile() async throws {
    let corpus = try Corpus()
    let files = try corpus.files + corpus.specials()
    #expect(files.count > 100)
    await withTaskGroup(of: Void.self) { group in
      for file in files { group.addTask { probe(file, in: corpus) } }
    }
  }

  /// With the sandbox, and by the limits of the libraries alone.
  @Test(arguments: [[], ["--without-sandbox"]])
  func aJobOfHostileFilesHarmsNobody(_ options: [String]) throws {
    let corpus = try Corpus()
    let titles = try corpus.titles(of: try corpus.files + corpus.specials())
    let job = try corpus.place.job(titles.map(\.yaml))
    let run = try Watched.run(
      ferryPath,
      ["run", job, "--home", corpus.place.home, "--out", corpus.place.out, "--partial", "--json", "--settle", "0"]
        + options,
      in: corpus.folder, seconds: 300)
    #expect(run.code != Watched.killed, "it does not end: \(run.output.suffix(200))")
    #expect(run.code == 1, "some titles are refused: \(run.errors.suffix(2000))")
    #expect(run.megabytes < 700)
    corpus.expectNoHarm(run, mayOpen: [corpus.place.path, corpus.place.path + "/"])
    for worker in run.workers {
      let sources = Set(worker.opened.filter { $0.hasPrefix(corpus.folder + "/") })
      #expect(sources.count <= 1, "a worker opens its own source only: \(sources)")
      #expect(worker.seconds < 60, "\(sources)")
      let own = [corpus.folder, corpus.place.home, corpus.place.path + "/tracks"]
      let others = worker.opened.filter { path in
        !own.contains { path.hasPrefix($0 + "/") } && !Watched.isOfTheMachine(path)
      }
      #expect(others.isEmpty, "a worker opens nothing outside its folders: \(others)")
    }
    #expect(run.workers.count > 20)
    try expectEveryTitleAnswered(titles, by: run, job)
    #expect(try ferry("verify", corpus.place.out + "/TEST-1/TEST-1_v1").code == 0)
    #expect(try corpus.place.leftovers() == [], "nothing half-made is left")
  }

  /// What `ffprobe` does without our limits: else the watch might be blind, or the files harmless.
  @Test func theWatchSeesWhatTheFilesAreFor() throws {
    let corpus = try Corpus()
    func probe(_ bait: String, _ options: [String]) throws -> Watched {
      try Watched.run("/usr/bin/ffprobe", ["-v", "error"] + options + [bait], in: corpus.folder, seconds: 60)
    }
    for (bait, canary, options) in [
      ("hls-sibling.mp4", "secret.ts", []),
      ("hls-live.srt", "secret.ts", []),
      ("ffconcat.mkv", "secret.mp4", []),
      ("elsewhere-alias.mov", "secret.mp4", ["-enable_drefs", "1", "-use_absolute_path", "1"]),
      ("subfile,,start,0,end,0,,:secret.mp4", "secret.mp4", []),
    ] {
      let opened = try probe(bait, options).opened.filter { $0.hasPrefix(corpus.folder) }
      #expect(opened.contains(corpus.folder + "/" + canary), "\(bait) is no bait: \(opened)")
    }
    let called = try probe("hls-http.mp4", ["-protocol_whitelist", "file,http,tcp"]).sockets
    #expect(!called.isEmpty)
  }

  private func probe(_ file: HostileFile, in corpus: Corpus) {
    let probe: Watched
    do {
      probe = try Watched.run(ferryPath, ["probe", file.name], in: corpus.folder, seconds: 60)
    } catch {
      Issue.record("\(file): \(error)")
      return
    }
    corpus.expectNoHarm(probe, mayOpen: [corpus.folder + "/" + file.name], "\(file)")
    if probe.code == Watched.killed {
      Issue.record("\(file): it does not end")
      return
    }
    #expect(probe.megabytes < 300, "\(file)")
    let lines = (probe.output + probe.errors).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    if probe.code == 0 {
      #expect(file.probe != .refused, "\(file): \(probe.output)")
      #expect(probe.errors.isEmpty, "\(file)")
      let isClean = lines.first == file.name[...] && lines.dropFirst().allSatisfy { $0.hasPrefix("  ") }
      #expect(isClean, "\(file): the file's own words stay in their line: \(probe.output)")
    } else {
      #expect(probe.code == 65, "\(file): \(probe.errors)")
      #expect(file.probe == .refused || file.probe == .any, "\(file): \(probe.errors)")
      #expect(probe.output.isEmpty, "\(file)")
      #expect(lines.count == 1, "\(file): one line says why: \(probe.errors)")
      let start = "\(file.name): error: "
      #expect(probe.errors.hasPrefix(start) && probe.errors.count > start.count + 10, "\(file): \(probe.errors)")
    }
  }

  /// One event a title: it was made, or one error says why not.
  private func expectEveryTitleAnswered(_ titles: [Corpus.HostileTitle], by run: Watched, _ job: String) throws {
    let answers = try TitleAnswer.all(in: run.output)
    for title in titles {
      let given = answers[title.id] ?? []
      #expect(given.count == 1, "\(title.file): one answer for every title")
      guard let answer = given.first else { continue }
      if answer.isMade {
        #expect(title.file.run != .refused, "\(title.file): made all the same")
        continue
      }
      let errors = answer.errors
      let said = errors.map { "\($0.code) \($0.message)" }
      #expect(title.file.run != .made, "\(title.file): \(said)")
      #expect(errors.count == 1, "\(title.file): one error says why: \(said)")
      #expect(!errors.contains { $0.code == "work.crashed" }, "\(title.file): \(said)")
      for error in errors {
        let isPlaced = error.message.contains(title.file.name) || error.place.file == title.track
        #expect(isPlaced || error.place.file == job && error.place.line != nil, "\(title.file): \(said)")
        #expect(!error.message.contains("\n"), "\(title.file): \(said)")
      }
    }
  }
}

/// One file that means harm, and what may be answered to it.
struct HostileFile: Decodable, Sendable, CustomStringConvertible {
  enum Answer: String, Decodable { case refused, opened, made, any }

  var name: String
  var probe: Answer
  var run: Answer
  var what: String

  var description: String { "\(name) (\(what))" }
}

/// The hostile files in a folder of their own, with the canaries that nobody may open.
///
/// Everything in it is constant, its `Place` too.
private final class Corpus: @unchecked Sendable {
  struct HostileTitle {
    var id: String
    var file: HostileFile
    var track: String
    var yaml: String
  }

  let place: Place
  let folder: String
  let files: [HostileFile]

  init() throws {
    place = try Place()
    folder = place.path + "/sources"
    let made = try runProgram("/usr/bin/env", ["python3", Fixture.folder + "/make/hostile.py", folder])
    try #require(made.code == 0, "\(made.errors)")
    files = try made.output.split(separator: "\n").map {
      try JSONDecoder().decode(HostileFile.self, from: Data($0.utf8))
    }
  }

  /// What is no file at all, or another one than its name says.
  func specials() throws -> [HostileFile] {
    func special(_ name: String, _ what: String) -> HostileFile {
      HostileFile(name: name, probe: .refused, run: .refused, what: what)
    }
    try #require(mkfifo(folder + "/pipe.mp4", 0o600) == 0)
    try FileManager.default.createDirectory(atPath: folder + "/folder.mp4", withIntermediateDirectories: false)
    for (name, target) in [
      ("passwd.mp4", "/etc/passwd"), ("zero.mp4", "/dev/zero"), ("loop.mp4", "loop.mp4"), ("gone.mp4", "nowhere.mp4"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: folder + "/" + name, withDestinationPath: target)
    }
    return [
      special("pipe.mp4", "a named pipe"), special("folder.mp4", "a folder"),
      special("passwd.mp4", "a link to /etc/passwd"), special("zero.mp4", "a link to a device without end"),
      special("loop.mp4", "a link to itself"), special("gone.mp4", "a link to nothing"),
      special("nowhere.mp4", "not there"),
    ]
  }

  /// Every file as a title with a small track of its own.
  func titles(of files: [HostileFile]) throws -> [HostileTitle] {
    try FileManager.default.createDirectory(atPath: place.path + "/tracks", withIntermediateDirectories: false)
    return try files.enumerated().map { index, file in
      let id = "H-\(index + 1)"
      let track = try place.write("1\n00:00:00,000 --> 00:00:00,900\nA line of text.\n", "tracks/\(id).srt")
      let source = "\"\(folder)/\(file.name)\""
      return HostileTitle(id: id, file: file, track: track, yaml: title(id, source: source, english: track))
    }
  }

  /// Nothing was opened but the machine's own files and those below or equal to `allowed`; nobody was called.
  func expectNoHarm(_ watched: Watched, mayOpen allowed: [String], _ what: String = "") {
    let canaries = watched.opened.filter { $0.hasPrefix(folder + "/secret.") }
    #expect(canaries.isEmpty, "\(what) opens \(canaries)")
    let others = watched.opened.filter { path in
      !Watched.isOfTheMachine(path) && !allowed.contains { path == $0 || $0.hasSuffix("/") && path.hasPrefix($0) }
    }
    #expect(others.isEmpty, "\(what) opens \(others)")
    #expect(watched.sockets.isEmpty, "\(what) calls \(watched.sockets)")
    #expect(Set(watched.programs) == [ferryPath], "\(what) runs \(watched.programs)")
  }
}

/// A process that has ended, and what `strace` saw it and its children do.
private struct Watched {
  /// One process of ours that made a title.
  struct Worker {
    var opened: [String]
    var seconds: Double
  }

  var code: Int32
  var output: String
  var errors: String
  /// The peak of the largest process.
  var megabytes: Int
  var calls: [SystemCall]

  /// The code of what took too long.
  static let killed = 128 + SIGKILL

  var opened: [String] { calls.compactMap(\.opened) }
  var programs: [String] { calls.filter { $0.name == "execve" }.compactMap(\.strings.first) }
  var sockets: [String] { calls.filter { ["socket", "connect"].contains($0.name) }.map(\.line) }

  /// Processes started as `ferry work`, with all of their threads.
  var workers: [Worker] {
    var parents: [Int: Int] = [:]
    for call in calls { if let child = call.child { parents[child] = call.process } }
    let roots = calls.filter { $0.name == "execve" && $0.strings.dropFirst(2).first == "work" }.map(\.process)
    var byRoot: [Int: [SystemCall]] = [:]
    for call in calls {
      var process = call.process
      while !roots.contains(process), let parent = parents[process] { process = parent }
      if roots.contains(process) { byRoot[process, default: []].append(call) }
    }
    return byRoot.values.map { calls in
      let times = calls.map(\.time)
      return Worker(opened: calls.compactMap(\.opened), seconds: (times.max() ?? 0) - (times.min() ?? 0))
    }
  }

  /// Libraries, and what the loader and the C library look at.
  static func isOfTheMachine(_ path: String) -> Bool {
    if (path as NSString).lastPathComponent.contains(".so") { return true }
    let beginnings = [
      "/proc/", "/sys/", "/dev/null", "/dev/urandom", "/etc/ld.so.", "/etc/localtime", "/etc/gcrypt/",
      "/usr/share/zoneinfo/",
    ]
    // The C library's converters, which FFmpeg uses for the names in a transport stream.
    return beginnings.contains { path.hasPrefix($0) } || path.contains("/gconv/")
  }

  /// Runs a program under `strace`, and kills it when it takes longer than `seconds`.
  static func run(
    _ program: String, _ arguments: [String], in folder: String, seconds: Int
  ) throws -> Watched {
    let records = try Place()
    let (trace, peak) = (records.path + "/trace", records.path + "/peak")
    let calls = "open,openat,openat2,socket,connect,execve,clone,clone3,fork,vfork,exit_group"
    let watch = ["strace", "--seccomp-bpf", "-f", "-qq", "-ttt", "-xx", "-s", "4096", "-e", "signal=none"]
    let run = try judge(
      "peak.py",
      [peak, "env", "--chdir=" + folder, "timeout", "--signal=KILL", "\(seconds)"] + watch + [
        "-e", "trace=" + calls, "-o", trace, program,
      ] + arguments)
    let kilobytes = try #require(Int(String(contentsOfFile: peak, encoding: .utf8)))
    let lines = String(decoding: try Data(contentsOf: URL(fileURLWithPath: trace)), as: UTF8.self)
    return Watched(
      code: run.code, output: run.output, errors: run.errors, megabytes: kilobytes / 1024,
      calls: lines.split(separator: "\n").compactMap { SystemCall($0, folder: folder) })
  }
}

/// One line of a trace, such as `12 1700000000.5 openat(AT_FDCWD, "\x61", O_RDONLY) = 3`.
private struct SystemCall {
  var process: Int
  var time: Double
  var name: String
  var strings: [String]
  /// The new process or thread.
  var child: Int?
  /// What it tried to open, as a whole path.
  var opened: String?
  var line: String

  init?(_ line: Substring, folder: String) {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count == 3, let process = Int(words[0]), let time = Double(words[1]) else { return nil }
    let call = words[2]
    let isResumed = call.hasPrefix("<... ")
    self.process = process
    self.time = time
    self.line = String(line)
    name = String(isResumed ? call.dropFirst(5).prefix { $0 != " " } : call.prefix { $0 != "(" })
    strings = call.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .compactMap { index, part in index % 2 == 1 ? SystemCall.text(part) : nil }
    if ["clone", "clone3", "fork", "vfork"].contains(name), let end = call.range(of: ") = ", options: .backwards) {
      child = Int(call[end.upperBound...].prefix { $0.isNumber })
    } else if isResumed, name.contains("clone") || name.contains("fork") {
      child = call.split(separator: " ").last.flatMap { Int($0) }
    }
    // Nothing can be read through a path descriptor: the sandbox names what it allows by them.
    if name.hasPrefix("open"), !call.contains("O_PATH"), let path = strings.first {
      // A path below an open folder is rare enough to be shown as it is, and to be found strange.
      let isFromHere = call.hasPrefix("open(") || call.contains("(AT_FDCWD,")
      opened = path.hasPrefix("/") || !isFromHere ? path : folder + "/" + path
    }
  }

  /// `\x61\x62` as `ab`; `-xx` has strace write every byte so.
  private static func text(_ hex: Substring) -> String {
    String(decoding: hex.split(separator: "\\x").compactMap { UInt8($0, radix: 16) }, as: UTF8.self)
  }
}
