package import FerryCore
internal import FerryMedia
package import FerryRules
internal import Foundation

/// What the files of one title are, and all that is wrong with them; nothing is encoded to find out.
package struct Inspection: Sendable {
  package var title: Title
  /// `nil` when the source could not be read.
  package var facts: SourceFacts?
  package var recipe: Recipe?
  /// Tracks that are there and read well, in the job's order.
  package var tracks: [(file: SubtitleFile, track: Track)]
  /// Tracks that are due and whose files are not there yet.
  package var awaited: [SubtitleFile]
  /// What the rules of timed text found, each place by itself; `problems` has them in summary.
  package var findings: [TextFinding]
  /// For each track that was read, in the order of `tracks`.
  package var trackQuality: [TrackQuality]
  /// The same as far as it was known before the title was made.
  private(set) var plannedQuality: [TrackQuality] = []
  /// The job's waivers that had something to waive here.
  package var usedWaivers: Set<Waiver>
  package var problems: [Diagnostic]

  /// The length that the tracks were held against; `nil` where it is not known for sure before the title is made.
  private var length: Milliseconds?
  private var glossary: Glossary?
  /// What the rules found in each track, without those that need the sound.
  private var found: [[TextFinding]] = []
  /// `nil` until the sound was heard.
  private var heard: Heard?
  /// Those of `problems` that come from the rules of timed text.
  private var textProblems: [Diagnostic] = []

  private struct Heard {
    /// `nil` for a title without sound.
    var levels: SpeechLevels?
  }

  package var isRefused: Bool { problems.contains { $0.severity == .error } }

  /// Looks at one title's source and tracks and collects every problem.
  package static func of(
    _ title: Title, in job: Job, glossary: Glossary? = nil, media session: MediaSession
  ) -> Inspection {
    var result = Inspection(title: title)
    result.inspectSource(job, session)
    for file in title.subtitles { result.inspectTrack(file, session) }
    result.glossary = glossary
    result.length = result.facts.flatMap { $0.isDurationSure ? $0.duration : nil }
    result.checkTracks(job)
    result.judge(job)
    result.plannedQuality = result.trackQuality
    result.listenIfRefused(job, session)
    return result
  }

  private init(title: Title) {
    self.title = title
    (tracks, awaited, findings, trackQuality, usedWaivers, problems) = ([], [], [], [], [], [])
  }

  /// Holds the tracks against what the title turned out to be now that it is made: the speech in its sound, and its
  /// length, unless they were held against that before; what was found against another length is forgotten.
  package mutating func hold(against made: TranscodeOutcome, in job: Job) {
    let isKnown = length.map { abs($0.count - made.duration.count) <= Inspection.lengthTolerance } ?? false
    if isKnown, heard != nil { return }
    heard = Heard(levels: made.speech)
    if !isKnown {
      length = made.duration
      checkTracks(job)
    }
    judge(job)
  }

  /// Waivers of rules that were not judged before the title is made: they decide what becomes of it afterwards.
  package func openWaivers(_ job: Job) -> [String] {
    let open = facts?.isDurationSure ?? true ? [] : TextChecks.lengthRules
    return waivers(job).map(\.rule).filter { TextRule.needsSound($0) || open.contains($0) }.sorted()
  }

  /// What could not be judged against the sound, and why, each reason once.
  package var notJudged: [String] {
    var reasons: [String] = []
    for finding in findings where finding.severity == .info && TextRule.needsSound(finding.rule) {
      if !reasons.contains(finding.message) { reasons.append(finding.message) }
    }
    return reasons
  }

  /// Those of the title, and those of the job for other rules.
  private func waivers(_ job: Job) -> [Waiver] {
    title.waivers + job.waivers.filter { waiver in !title.waivers.contains { $0.rule == waiver.rule } }
  }

  /// Containers, edit lists and frames at a constant rate make lengths differ by less than this, in milliseconds.
  private static let lengthTolerance = 500

  private mutating func inspectSource(_ job: Job, _ session: MediaSession) {
    let source = title.source
    if let problem = FileProblem.of(source, what: "the source") {
      problems.append(problem)
      return
    }
    do throws(MediaSession.Failure) {
      var facts = try session.facts(of: source.path)
      let counted = Recipe.worthCounting(job.profile, in: facts, language: job.language.source)
      if !counted.isEmpty { facts = try session.completing(facts, of: source.path, streams: counted) }
      self.facts = facts
      recipe = Recipe(
        job.profile, for: facts, language: job.language.source, tolerances: title.tolerances)
      problems += SourceProblems.of(facts, source, recipe, job)
      if recipe != nil, !facts.isDurationSure, !title.subtitles.isEmpty {
        problems.append(SourceProblems.unsureLength(source))
      }
    } catch {
      problems += error.diagnostics(source)
    }
  }

  private mutating func inspectTrack(_ file: SubtitleFile, _ session: MediaSession) {
    if file.due != nil && !FileManager.default.fileExists(atPath: file.file.path) {
      awaited.append(file)
      return
    }
    // What is wrong with the source itself was said already.
    if file.stream != nil, facts == nil { return }
    if file.stream == nil, let problem = FileProblem.of(file.file, what: "the \(file.language) subtitle file") {
      problems.append(problem)
      return
    }
    do throws(Diagnostics) {
      let (track, warnings) = try TrackSource.read(
        path: file.file.path, stream: file.stream, language: file.language, encoding: file.encoding,
        programme: (recipe?.video?.sourceStream, recipe?.audio?.sourceStream), in: session)
      tracks.append((file, track))
      problems += warnings
    } catch {
      problems += error.all
    }
  }

  /// Holds every track against the rules of timed text, the programme, and the track in the language filmed.
  private mutating func checkTracks(_ job: Job) {
    let source = tracks.first { $0.file.language == job.language.source }?.track
    let media = facts.map { facts in
      TextChecks.MediaFacts(
        duration: length?.duration, frameRate: recipe?.video?.frameRate,
        displayAspect: facts.mainVideo?.video?.displayAspect)
    }
    found = []
    for (file, track) in tracks {
      let isTranslation = file.language != job.language.source
      found.append(
        Inspection.converted(track, file.file.path)
          + TextChecks.run(
            TextChecks.Input(
              track: track, file: file.file.path,
              profile: job.textRules[file.language], media: media,
              source: isTranslation ? source : nil, glossary: isTranslation ? glossary : nil)))
    }
  }

  /// What of all that was found holds the title, and what its waivers take.
  private mutating func judge(_ job: Job) {
    problems.removeAll { textProblems.contains($0) }
    let waivers = waivers(job)
    let found = zip(found, spoken(job)).map { $0 + $1 }
    let split = found.flatMap { $0 }.waived(by: waivers, isHeard: heard != nil)
    findings = split.held
    // What cannot be judged yet may be waived all the same.
    let open = length == nil ? TextChecks.lengthRules : []
    usedWaivers = Set(
      waivers.filter { waiver in
        open.contains(waiver.rule) || heard == nil && TextRule.needsSound(waiver.rule)
          || split.waived.contains { $0.rule == waiver.rule }
      })
    trackQuality = []
    for (index, (file, track)) in tracks.enumerated() {
      let own = found[index].waived(by: waivers, isHeard: heard != nil)
      let rules = job.textRules[file.language] ?? .default(for: file.language)
      trackQuality.append(
        TrackQuality(
          file.language, rules: rules.name, readAs: track.encoding, held: own.held, waived: own.waived, by: waivers))
    }
    // Whether a waiver of the whole job serves anybody is known only when all titles were looked at.
    let ownWaivers = title.waivers.filter { !open.contains($0.rule) }
    textProblems =
      split.held.diagnostics() + unshowable(split.waived, waivers)
      + split.problems.filter { problem in
        problem.severity == .error || ownWaivers.contains { $0.place == problem.place }
      }
    problems += textProblems
  }

  /// A waiver cannot put into a video what lies wholly behind its end: the cue would stand in one file and not in another.
  private func unshowable(_ waived: [TextFinding], _ waivers: [Waiver]) -> [Diagnostic] {
    guard let length, let waiver = waivers.first(where: { $0.rule == "time.pastend" }) else { return [] }
    return waived.compactMap { finding in
      guard finding.rule == waiver.rule, let cue = finding.cue, cue.start.milliseconds >= length.count else {
        return nil
      }
      return Diagnostic(
        "waiver.refused", at: finding.place,
        "cue \(cue.number) starts at \(cue.start.clock), after the video ends, and no video file can show it: "
          + "'time.pastend' cannot be waived for it",
        hint: "remove the cue, or correct its times")
    }
  }

  /// A title that its text refuses never comes to the pass in which its sound is heard: what does not fit the speech
  /// is told beside the rest, so that nobody corrects a track that is the wrong one.
  private mutating func listenIfRefused(_ job: Job, _ session: MediaSession) {
    guard findings.contains(where: { $0.severity == .error }), let recipe else { return }
    do throws(MediaSession.Failure) {
      heard = Heard(levels: try session.speechLevels(of: title.source.path, by: recipe))
      judge(job)
    } catch {
      // What is wrong with the sound is said by the pass, once the text is right.
    }
  }

  /// What each track's cues are against the speech in the sound, once it was heard.
  private func spoken(_ job: Job) -> [[TextFinding]] {
    tracks.map { file, track in
      guard let heard else { return [] }
      return TextChecks.speech(
        TextChecks.Input(track: track, file: file.file.path, profile: job.textRules[file.language]), heard.levels)
    }
  }

  /// That a file is not UTF-8 and was converted; nothing to mend, but the delivery says so.
  private static func converted(_ track: Track, _ file: String) -> [TextFinding] {
    guard track.encoding.encoding != .utf8, let rule = TextRule.named("enc.nonutf8") else { return [] }
    return [
      TextFinding(
        rule: rule.id, severity: .info, profile: "ferry", file: file, line: 0, cue: nil, measure: nil,
        message: "the file is read as \(track.encoding.encoding.rawValue): \(track.encoding.evidence)",
        hint: "save it as UTF-8", source: rule.source)
    ]
  }
}

/// Whether a file that a job names can be read at all.
enum FileProblem {
  static func of(_ file: FileReference, what: String) -> Diagnostic? {
    func problem(_ code: String, _ message: String, _ hint: String) -> Diagnostic {
      Diagnostic(.error, code, at: file.place, message, hint: hint)
    }
    var status = stat()
    guard stat(file.path, &status) == 0 else {
      if errno == EACCES {
        return problem(
          "file.unreadable", "\(what) '\(file.written)' cannot be reached", "check the folder's permissions")
      }
      return problem(
        "file.missing", "\(what) '\(file.written)' does not exist",
        "looked at \(file.path); paths are relative to the job file's folder\(nearby(file.path))")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      return problem("file.folder", "\(what) '\(file.written)' is a folder", "name the file inside it")
    }
    if status.st_mode & S_IFMT != S_IFREG {
      return problem("file.special", "\(what) '\(file.written)' is not a regular file", "copy it to a file first")
    }
    if access(file.path, R_OK) != 0 {
      return problem(
        "file.unreadable", "\(what) '\(file.written)' cannot be read", "give ferry's user the right to read it")
    }
    if status.st_size == 0 {
      return problem("file.empty", "\(what) '\(file.written)' is empty", "the copy may have failed: copy it again")
    }
    return nil
  }

  /// `; did you mean …?` when the folder holds a file of nearly the same name.
  private static func nearby(_ path: String) -> String {
    let url = URL(fileURLWithPath: path)
    let siblings: [String]
    do {
      siblings = try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
    } catch {
      return "; that folder does not exist"
    }
    return suggestion(for: url.lastPathComponent, among: siblings.sorted()).map { "; did you mean '\($0)'?" } ?? ""
  }
}

/// What is wrong with a source as media.
enum SourceProblems {
  static func of(_ facts: SourceFacts, _ source: FileReference, _ recipe: Recipe?, _ job: Job) -> [Diagnostic] {
    if let problem = refusal(facts, source, recipe, job) { return problem }
    guard let recipe else {
      let what =
        facts.mainVideo == nil ? "neither picture nor sound" : "no sound, and the profile makes nothing of the picture"
      return [
        Diagnostic(
          "source.no-picture", at: source.place, "'\(source.written)' has \(what)",
          hint: "name the file with the lesson, or another profile")
      ]
    }
    let limits = OpenLimits()
    if let duration = facts.duration, duration.duration > limits.maximumDuration {
      let hours = duration.count / 3_600_000
      return [
        Diagnostic(
          "source.long", at: source.place, "'\(source.written)' declares a length of \(hours) hours",
          hint:
            "ferry takes up to \(limits.maximumDuration.components.seconds / 3600) hours; a damaged file often declares nonsense: export it again"
        )
      ]
    }
    if let video = facts.mainVideo?.video, recipe.video != nil, video.width * video.height > limits.maximumPixels {
      return [
        Diagnostic(
          "source.large", at: source.place,
          "'\(source.written)' has pictures of \(video.width)x\(video.height), more than ferry takes",
          hint: "export it in at most 8192x4320")
      ]
    }
    var problems = leftOut(facts, recipe, source, job)
    func warn(_ code: String, _ message: String, _ hint: String) {
      problems.append(Diagnostic(.warning, code, at: source.place, "'\(source.written)' \(message)", hint: hint))
    }
    if recipe.video == nil, job.profile.video != nil {
      warn(
        "source.no-picture", "has sound but no picture",
        "it is delivered as sound with a still poster; if it should have a picture, name the file that has it")
    }
    if recipe.audio?.sourceStream == nil {
      warn(
        "source.no-sound", "has no sound",
        recipe.audio == nil
          ? "it is delivered silent; if it should have sound, export it again"
          : "it gets a silent track; if it should have sound, export it again")
    }
    let pictures = facts.streams.filter { $0.kind == .video && !$0.isAttachedPicture && ($0.video?.width ?? 0) > 0 }
    if pictures.count > 1, let chosen = pictures.first(where: { $0.index == recipe.video?.sourceStream }) {
      let others = pictures.filter { $0.index != chosen.index }.map(name).joined(separator: "; ")
      warn(
        "source.several-pictures", "has \(pictures.count) pictures: \(name(chosen)) is taken, not \(others)",
        "mark the right one as default, if another one is wanted")
    }
    let sounds = facts.streams.filter { $0.kind == .audio }
    if sounds.count > 1, let chosen = sounds.first(where: { $0.index == recipe.audio?.sourceStream }) {
      let others = sounds.filter { $0.index != chosen.index }.map(name).joined(separator: "; ")
      warn(
        "source.several-sounds", "has \(sounds.count) sound tracks: \(name(chosen)) is taken, not \(others)",
        "tag the tracks with their languages, or mark the right one as default, if another one is wanted")
    }
    if let duration = facts.duration, duration < 100 {
      problems.append(
        Diagnostic(
          .warning, "source.short", at: source.place, "'\(source.written)' lasts only \(duration.count) ms",
          hint: "check that it is the whole lesson"))
    }
    return problems
  }

  /// A length that only making the title shows: the text waits for it.
  static func unsureLength(_ source: FileReference) -> Diagnostic {
    Diagnostic(
      .warning, "source.length", at: source.place, "'\(source.written)' does not say for sure how long it is",
      hint: "its subtitles are held against its length when it is made; an export to MP4 says it at once")
  }

  private static func name(_ stream: StreamFacts) -> String {
    let size = stream.video.map { "\($0.width)x\($0.height)" }
    let parts = [stream.language, size, stream.audio?.layout, stream.name].compactMap { $0 }
    return "stream \(stream.index)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }

  /// An FFmpeg failure in words for the person who named the file.
  static func diagnostic(for error: MediaError, _ source: FileReference) -> Diagnostic {
    switch error.fault {
    case .none: break
    case .unknownKind:
      return Diagnostic(
        "source.container", at: source.place,
        "'\(source.written)' is not a video file of a kind that ferry opens, whatever its name says",
        hint:
          "playlists and text files are never opened as video; give the video file itself (mp4, mov, mkv, webm, ts, avi, …)"
      )
    case .noIndex:
      return Diagnostic(
        "source.cut", at: source.place, "'\(source.written)' is cut short or is no MP4 file: its index is missing",
        hint: "the recording or the copy was broken off: copy or export it again")
    case .protected: return protected(error.detail ?? "\(error)", source)
    case .lost:
      return Diagnostic(
        "source.lost", at: source.place, "\(error)",
        hint:
          "export the lesson again from its original; `tolerate: [broken-parts, early-end]` delivers what can be made"
      )
    case .joined:
      return Diagnostic(
        "source.joined", at: source.place, "\(error)",
        hint: "export the parts one by one and join them with an editor, for example to one WAV file")
    case .succession:
      return Diagnostic(
        "source.succession", at: source.place, "\(error)",
        hint:
          "join its parts into one stream of each kind, or cut it there; `tolerate: [early-end]` delivers what comes before"
      )
    }
    if error.isNoSpace { return .noSpace(at: source.place, "the disk is full: \(error)") }
    return Diagnostic(
      error.action == .open ? "source.unreadable" : "source.broken", at: source.place, "\(error)",
      hint: "play the file to that point, or ask for it again; `ferry probe` shows what is in it")
  }
}
