import ArgumentParser
import FerryCore
import FerryExecution
import FerryMedia
import FerryPipeline
import FerryStore
import FerryTransport
import Foundation

/// `ferry doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this machine has, what is missing and how to get it.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions

  private struct Finding: Encodable {
    var name: String
    var isGood: Bool
    var detail: String
    /// What to do, where it is not good.
    var remedy: String?
  }

  func run() throws {
    let findings = libraries + codecs + encodings + places + [queue] + records + tools + sandbox
    if output.json {
      try Terminal.answer(json: findings)
    } else {
      for finding in findings where !output.quiet || !finding.isGood {
        Terminal.answer("\(finding.isGood ? "good   " : "MISSING") \(finding.name): \(finding.detail)")
        if let remedy = finding.remedy, !finding.isGood { Terminal.answer("        \(remedy)") }
      }
    }
    if findings.contains(where: { !$0.isGood }) { throw ExitCode.failed }
  }

  private var libraries: [Finding] {
    [
      Finding(
        name: "FFmpeg libraries", isGood: true,
        detail: "\(Libraries.release) (\(Libraries.versions.joined(separator: ", ")))")
    ]
  }

  private var codecs: [Finding] {
    let encoders = [
      ("libx264", "H.264"), ("aac", "AAC"), ("mjpeg", "JPEG posters"), ("flac", "FLAC, for archives"),
      ("libx265", "HEVC, where a profile asks for it"), ("libsvtav1", "AV1, where a profile asks for it"),
      ("libvpx-vp9", "VP9, where a profile asks for it"), ("libopus", "Opus, beside VP9"),
    ]
    let decoders = [
      ("h264", "H.264"), ("hevc", "HEVC"), ("vp8", "VP8"), ("vp9", "VP9"), ("libdav1d", "AV1"),
      ("mpeg2video", "MPEG-2"), ("prores", "ProRes"), ("theora", "Theora"),
    ]
    return encoders.map { name, what in
      Finding(
        name: "encoder \(name)", isGood: Libraries.hasEncoder(name), detail: what,
        remedy: "install FFmpeg's libraries with x264: apt-get install libavcodec-extra")
    }
      + decoders.map { name, what in
        Finding(
          name: "decoder \(name)", isGood: Libraries.hasDecoder(name), detail: "\(what) sources",
          remedy: "install FFmpeg's full libraries: apt-get install libavcodec-extra")
      }
  }

  private var encodings: [Finding] {
    ["GB18030", "BIG5-HKSCS"].map { name in
      let converter = iconv_open("UTF-8", name)
      let isGood = converter != iconv_t(bitPattern: -1)
      if isGood, let converter { iconv_close(converter) }
      return Finding(
        name: "text encoding \(name)", isGood: isGood, detail: "Chinese subtitle files",
        remedy: "the C library's converters are missing: apt-get install --reinstall libc6")
    }
  }

  private var places: [Finding] {
    [("home", folders.homePath), ("out", folders.outPath)].map { name, path in
      do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        return Finding(
          name: name, isGood: false, detail: "\(path) cannot be made: \(error.localizedDescription)",
          remedy: "give another folder with --\(name)")
      }
      let isWritable = access(path, W_OK) == 0
      var status = statvfs()
      let free = statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
      return Finding(
        name: name, isGood: isWritable && free > 1_000_000_000,
        detail: "\(path), \(ProbeText.size(free)) free\(isWritable ? "" : ", not writable")",
        remedy: "give a writable folder with at least 1 GB free with --\(name)")
    }
  }

  /// Whether every page of the queue's database is sound.
  private var queue: Finding {
    let path = QueueAccess.path(Workspace(home: folders.homePath))
    guard FileManager.default.fileExists(atPath: path) else {
      return Finding(name: "queue", isGood: true, detail: "\(path) is not made yet")
    }
    do throws(StoreError) {
      let store = try Store.open(path)
      try store.check()
      let titles = try store.counts().values.reduce(0, +)
      let jobs = try store.jobs().count
      return Finding(
        name: "queue", isGood: true, detail: "\(path), \(counted(jobs, "job")), \(counted(titles, "title")), sound")
    } catch {
      let problem = error.diagnostic
      return Finding(
        name: "queue", isGood: false, detail: "\(problem.place.file): \(problem.message)", remedy: problem.hint)
    }
  }

  /// Records of ferry's own folder that are damaged.
  private var records: [Finding] {
    do {
      let damage = try Workspace(home: folders.homePath).review(out: folders.outPath)
      if damage.isEmpty {
        return [Finding(name: "records", isGood: true, detail: "every record of ferry's own is sound")]
      }
      return damage.map {
        Finding(name: "record", isGood: false, detail: "\($0.place.file): \($0.message)", remedy: $0.hint)
      }
    } catch {
      return [
        Finding(
          name: "records", isGood: false, detail: "they cannot be read: \(error)",
          remedy: "check the folder's permissions")
      ]
    }
  }

  /// What `ferry deliver` needs for targets that are no folders; nothing else needs them.
  private var tools: [Finding] {
    Tool.Name.allCases.map { tool in
      let path = Tool.find(tool.rawValue)
      return Finding(
        name: "program \(tool.rawValue)", isGood: true,
        detail: path
          ?? "not installed; only delivering that way needs it: apt-get install \(tool.debianPackage)")
    }
  }

  /// What keeps a worker in its place, each layer tried by breaking out of it.
  private var sandbox: [Finding] {
    do {
      return try Sandbox.selfTest().map { report in
        Finding(
          name: "sandbox \(report.layer.rawValue)", isGood: report.isHeld, detail: report.detail,
          remedy: "titles are made all the same, behind the other layers and the libraries' own limits")
      }
    } catch {
      return [
        Finding(
          name: "sandbox", isGood: false, detail: "it cannot be tried: \(error)",
          remedy: "look whether there is room for temporary files")
      ]
    }
  }
}
