/// The steps of a job with their reasons, decided before any work.
package struct Plan: Hashable, Sendable, Codable {
  package var delivery: String
  package var titles: [TitlePlan]

  package init(delivery: String, titles: [TitlePlan]) {
    self.delivery = delivery
    self.titles = titles
  }
}

/// What will be done for one title.
package struct TitlePlan: Hashable, Sendable, Codable {
  package enum State: String, Sendable, Codable {
    case ready
    case waiting = "waiting-translation"
    case refused
  }

  package var title: String
  package var state: State
  /// Tracks whose files are not there yet.
  package var awaited: [String]
  package var steps: [Step]
  package var renditions: [String]
  package var duration: Milliseconds?

  package init(
    title: String, state: State, awaited: [String], steps: [Step], renditions: [String], duration: Milliseconds?
  ) {
    self.title = title
    self.state = state
    self.awaited = awaited
    self.steps = steps
    self.renditions = renditions
    self.duration = duration
  }

  /// One step and why it runs or not.
  package struct Step: Hashable, Sendable, Codable {
    package enum Name: String, Sendable, Codable {
      case transcode
      case text
      case mux
      case package
      case verify
    }

    package var name: Name
    package var runs: Bool
    /// In a person's words: `new source`, `unchanged: skipped`, …
    package var reason: String
    /// Estimates, where the step runs.
    package var seconds: Int
    package var bytes: Int

    package init(_ name: Name, runs: Bool, reason: String, seconds: Int = 0, bytes: Int = 0) {
      self.name = name
      self.runs = runs
      self.reason = reason
      self.seconds = seconds
      self.bytes = bytes
    }
  }
}

extension TitlePlan {
  /// What is known of a title before work: enough to decide every step.
  package struct Known: Sendable {
    package var duration: Milliseconds
    package var recipe: Recipe
    /// Whether verified renditions of the same source and recipe are kept.
    package var hasKeptRenditions: Bool
    /// Whether the very same lesson was made before and is kept.
    package var isMade: Bool
    /// What differs from when the title was last made, in a person's words.
    package var changes: [String]
    /// How what was published differs from what would be made today, where it stays as it is all the same.
    package var keptAsPublished: String?

    package init(
      duration: Milliseconds, recipe: Recipe, hasKeptRenditions: Bool, isMade: Bool = false, changes: [String] = [],
      keptAsPublished: String? = nil
    ) {
      self.duration = duration
      self.recipe = recipe
      self.hasKeptRenditions = hasKeptRenditions
      self.isMade = isMade
      self.changes = changes
      self.keptAsPublished = keptAsPublished
    }
  }

  /// Decides a title's steps from what is known of it; nothing runs for a refused title, and what needs the text waits
  /// with it.
  package init(title: Title, known: Known?, awaited: [SubtitleFile], isRefused: Bool, isPublished: Bool = false) {
    self.title = title.id
    self.awaited = awaited.map { file in
      let until = file.due.map { ", due \($0)" } ?? ""
      let from = file.translator.map { " from \($0)" } ?? ""
      return "\(file.language)\(from)\(until)"
    }
    state = isRefused ? .refused : awaited.isEmpty ? .ready : .waiting
    renditions = known.map { TitlePlan.names(of: $0.recipe) } ?? []
    duration = known?.duration
    steps = []
    guard let known, state != .refused else { return }
    let cost = TitlePlan.estimate(known)
    let cause = known.changes.isEmpty ? "made before, but not kept" : known.changes.joined(separator: ", ")
    steps.append(
      known.hasKeptRenditions
        ? Step(.transcode, runs: false, reason: "unchanged: skipped, its renditions are kept")
        : Step(
          .transcode, runs: true, reason: cause + TitlePlan.copied(known.recipe), seconds: cost.seconds,
          bytes: cost.bytes))
    if let words = known.keptAsPublished { steps = [Step(.transcode, runs: false, reason: words)] }
    let waits = state == .waiting
    for name in [Step.Name.text, .mux] {
      steps.append(
        known.isMade || known.keptAsPublished != nil
          ? Step(name, runs: false, reason: "unchanged: skipped")
          : Step(name, runs: !waits, reason: waits ? "waits for a translation" : cause))
    }
    for name in [Step.Name.package, .verify] {
      let reason =
        isPublished
        ? "unchanged: published already" : waits ? "waits for a translation" : "the delivery's content is new"
      steps.append(Step(name, runs: !waits && !isPublished, reason: reason))
    }
  }

  /// What the transcode makes, as a person reads it.
  private static func names(of recipe: Recipe) -> [String] {
    let pictures = recipe.video.map { video in
      video.renditions.enumerated().map {
        $0.offset == 0 && video.isCopied ? $0.element.name + " (copied)" : $0.element.name
      }
    }
    return (pictures ?? []) + (recipe.video == nil ? ["sound"] : [])
  }

  private static func copied(_ recipe: Recipe) -> String {
    guard let video = recipe.video, video.isCopied, let first = video.renditions.first else { return "" }
    return "; the source conforms, so its picture is the \(first.name) as it is"
  }

  /// Seconds and bytes that a transcode is likely to take: from the pixels to encode, as measured on two cores.
  private static func estimate(_ known: Known) -> (seconds: Int, bytes: Int) {
    let length = known.duration.duration.inSeconds
    guard let video = known.recipe.video else {
      return (Int(bounded: (length / 50).rounded(.down)) + 1, Int(bounded: (length * 16_000).rounded(.down)))
    }
    let encoded = video.isCopied ? video.renditions.dropFirst() : video.renditions[...]
    let pixels = encoded.reduce(0.0) { $0 + Double($1.width) * Double($1.height) }
    let seconds = pixels * video.frameRate.value * length / 180_000_000
    // A cap is rarely reached: a third of it is what lessons need.
    let rate = video.renditions.map(\.maximumRate).saturatedSum / 3 + (known.recipe.audio?.bitRate ?? 0)
    let largest = (video.renditions.first?.maximumRate ?? 0) / 3
    let forPhones = (Rendition.forPhones(among: video.renditions)?.maximumRate ?? 0) / 3
    let bytes = length * Double(rate + largest + forPhones) / 8
    return (Int(bounded: seconds.rounded(.up)), Int(bounded: bytes.rounded(.down)))
  }
}
