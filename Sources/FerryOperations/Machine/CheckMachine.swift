package import FerryCore
internal import FerryExecution
internal import FerryPipeline
internal import FerryStore
internal import FerryTransport
internal import Foundation

/// Looks at what this machine has, what is missing, and how to get it.
package struct CheckMachine: Operation {
  package init() {}

  package func perform(in office: Office) async throws(Refusal) -> Reply<[MachineFinding]> {
    let findings =
      libraries + codecs + encodings + places(office) + [queue(office)] + records(office) + tools + sandbox
    return Reply(findings, shortfall: findings.allSatisfy(\.isGood) ? nil : .failed)
  }

  private var libraries: [MachineFinding] {
    [
      MachineFinding(
        name: "FFmpeg libraries", isGood: true,
        detail: "\(MediaLibraries.release) (\(MediaLibraries.versions.joined(separator: ", ")))")
    ]
  }

  private var codecs: [MachineFinding] {
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
      MachineFinding(
        name: "encoder \(name)", isGood: MediaLibraries.hasEncoder(name), detail: what,
        remedy: "install FFmpeg's libraries with x264: apt-get install libavcodec-extra")
    }
      + decoders.map { name, what in
        MachineFinding(
          name: "decoder \(name)", isGood: MediaLibraries.hasDecoder(name), detail: "\(what) sources",
          remedy: "install FFmpeg's full libraries: apt-get install libavcodec-extra")
      }
  }

  private var encodings: [MachineFinding] {
    ["GB18030", "BIG5-HKSCS"].map { name in
      let converter = iconv_open("UTF-8", name)
      let isGood = converter != iconv_t(bitPattern: -1)
      if isGood, let converter { iconv_close(converter) }
      return MachineFinding(
        name: "text encoding \(name)", isGood: isGood, detail: "Chinese subtitle files",
        remedy: "the C library's converters are missing: apt-get install --reinstall libc6")
    }
  }

  private func places(_ office: Office) -> [MachineFinding] {
    [("home", office.home), ("out", office.out)].map { name, path in
      do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        return MachineFinding(
          name: name, isGood: false, detail: "\(path) cannot be made: \(error.localizedDescription)",
          remedy: "give another folder with --\(name)")
      }
      let isWritable = access(path, W_OK) == 0
      var status = statvfs()
      let free = statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
      return MachineFinding(
        name: name, isGood: isWritable && free > 1_000_000_000,
        detail: "\(path), \(readable(bytes: free)) free\(isWritable ? "" : ", not writable")",
        remedy: "give a writable folder with at least 1 GB free with --\(name)")
    }
  }

  /// Whether every page of the queue's database is sound.
  private func queue(_ office: Office) -> MachineFinding {
    let path = office.queuePath
    guard office.hasQueue else {
      return MachineFinding(name: "queue", isGood: true, detail: "\(path) is not made yet")
    }
    do throws(StoreError) {
      let store = try Store.open(path)
      try store.check()
      let titles = try store.counts().values.reduce(0, +)
      let jobs = try store.jobs().count
      return MachineFinding(
        name: "queue", isGood: true, detail: "\(path), \(counted(jobs, "job")), \(counted(titles, "title")), sound")
    } catch {
      let problem = error.diagnostic
      return MachineFinding(
        name: "queue", isGood: false, detail: "\(problem.place.file): \(problem.message)", remedy: problem.hint)
    }
  }

  /// Records of ferry's own folder that are damaged.
  private func records(_ office: Office) -> [MachineFinding] {
    do {
      let damage = try office.workspace.review(out: office.out)
      if damage.isEmpty {
        return [MachineFinding(name: "records", isGood: true, detail: "every record of ferry's own is sound")]
      }
      return damage.map {
        MachineFinding(name: "record", isGood: false, detail: "\($0.place.file): \($0.message)", remedy: $0.hint)
      }
    } catch {
      return [
        MachineFinding(
          name: "records", isGood: false, detail: "they cannot be read: \(error)",
          remedy: "check the folder's permissions")
      ]
    }
  }

  /// What `ferry deliver` needs for targets that are no folders; nothing else needs them.
  private var tools: [MachineFinding] {
    Tool.Name.allCases.map { tool in
      let path = Tool.find(tool.rawValue)
      return MachineFinding(
        name: "program \(tool.rawValue)", isGood: true,
        detail: path
          ?? "not installed; only delivering that way needs it: apt-get install \(tool.debianPackage)")
    }
  }

  /// What keeps a worker in its place, each layer tried by breaking out of it.
  private var sandbox: [MachineFinding] {
    do {
      return try Sandbox.selfTest().map { report in
        MachineFinding(
          name: "sandbox \(report.layer.rawValue)", isGood: report.isHeld, detail: report.detail,
          remedy: "titles are made all the same, behind the other layers and the libraries' own limits")
      }
    } catch {
      return [
        MachineFinding(
          name: "sandbox", isGood: false, detail: "it cannot be tried: \(error)",
          remedy: "look whether there is room for temporary files")
      ]
    }
  }
}

/// One thing that was looked at.
package struct MachineFinding: Encodable, Sendable {
  package var name: String
  package var isGood: Bool
  package var detail: String
  /// What to do, where it is not good.
  package var remedy: String?
}
