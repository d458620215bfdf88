internal import FerryCore
internal import Foundation

/// Finds silent and clipped stretches in the sound of a title as it is decoded.
struct SoundChecks {
  private let rules: CheckRules
  private var sampleRate: Int
  private let silentLevel: Float
  private let clippedLevel: Float

  /// Where the next sample lies, in samples from the programme's beginning.
  private var position = 0
  /// Samples of the current 10 ms that went in, and the loudest of them in any channel.
  private var windowCount = 0
  private var windowPeak: Float = 0
  private var silentStart: Int?
  private var silent: [Range<Int>] = []

  /// How many samples in a row have been at the top, for each channel.
  private var runs: [Int] = []
  private var clipped: [Clips] = []

  /// Clips that are near each other: where they are, and how much of that is clipped.
  private struct Clips {
    var span: Range<Int>
    var count = 1
    var samples: Int
  }

  /// What was found before the sample rate last changed.
  private var silences: [Stretch] = []
  private var clips: [Stretch] = []

  /// Fewer samples than this at the top are a peak, not a clip.
  private static let shortestClip = 3

  init(_ rules: CheckRules, sampleRate: Int) {
    self.rules = rules
    self.sampleRate = sampleRate
    silentLevel = Float(pow(10, rules.silent.threshold / 20))
    clippedLevel = Float(pow(10, rules.clipped.threshold / 20))
  }

  /// Whether anything is looked for.
  var isOn: Bool { rules.silent.severity != .off || rules.clipped.severity != .off }

  /// The sound begins only at this second; what is before it is no silence of its own.
  mutating func begin(at seconds: Double) { position = Int((seconds * Double(sampleRate)).rounded()) }

  /// The next samples lie at this second of the programme and have this rate; nothing is between them and the last ones.
  mutating func move(to seconds: Double, sampleRate: Int) {
    if sampleRate != self.sampleRate {
      settle()
      position = position * sampleRate / self.sampleRate
      self.sampleRate = sampleRate
    }
    let start = Int(bounded: seconds * Double(sampleRate))
    if start - position >= sampleRate / 100 {
      if windowCount > 0 { endWindow() }
      runs = []
      if silentStart == nil && rules.silent.severity != .off { silentStart = position }
    }
    position = max(position, start)
  }

  /// Looks at the next samples, -1 to 1; all channels have the same number of them.
  mutating func add(_ channels: [UnsafeBufferPointer<Float>]) {
    let count = channels.map(\.count).min() ?? 0
    if runs.count != channels.count { runs = Array(repeating: 0, count: channels.count) }
    let window = max(1, sampleRate / 100)
    var first = 0
    while first < count {
      let part = first..<min(count, first + window - windowCount)
      var loudest: Float = 0
      for channel in channels { loudest = max(loudest, peak(UnsafeBufferPointer(rebasing: channel[part]))) }
      if rules.clipped.severity != .off { lookForClips(channels, part, loudest) }
      windowPeak = max(windowPeak, loudest)
      windowCount += part.count
      position += part.count
      first = part.upperBound
      if windowCount == window { endWindow() }
    }
  }

  /// What was found, in the order of their times.
  consuming func finish() -> [Quality.Finding] {
    settle()
    let found = findings(.silent, rules.silent, silences) + findings(.clipped, rules.clipped, clips)
    return found.sorted { $0.startMs < $1.startMs }
  }

  /// Puts what was found so far into times.
  private mutating func settle() {
    if windowCount > 0 { endWindow() }
    endSilence(at: position)
    silences += silent.map { Stretch("silent", time($0.lowerBound), time($0.upperBound)) }
    clips += clipped.filter { isLong($0.samples, rules.clipped) }.map { clips in
      let times = clips.count == 1 ? "once" : "\(clips.count) times"
      let tenths = (clips.samples * 10_000 + sampleRate / 2) / sampleRate
      return Stretch(
        time(clips.span.lowerBound), time(clips.span.upperBound),
        "clipped \(times), \((Double(tenths) / 10).tenths) ms in all", .clips(times: clips.count, tenthsOfMs: tenths))
    }
    (silent, clipped, runs) = ([], [], [])
  }

  private mutating func endWindow() {
    let start = position - windowCount
    if windowPeak >= silentLevel {
      endSilence(at: start)
    } else if silentStart == nil && rules.silent.severity != .off {
      silentStart = start
    }
    windowCount = 0
    windowPeak = 0
  }

  private mutating func endSilence(at end: Int) {
    if let start = silentStart, isLong(end - start, rules.silent) { silent.append(start..<end) }
    silentStart = nil
  }

  /// Follows runs of samples at the top; `loudest` spares the search where there is none.
  private mutating func lookForClips(_ channels: [UnsafeBufferPointer<Float>], _ part: Range<Int>, _ loudest: Float) {
    if loudest < clippedLevel {
      for channel in runs.indices { runs[channel] = 0 }
      return
    }
    for index in part {
      var longest = 0
      for (channel, samples) in channels.enumerated() {
        runs[channel] = abs(samples[index]) >= clippedLevel ? runs[channel] + 1 : 0
        longest = max(longest, runs[channel])
      }
      let end = position + index - part.lowerBound + 1
      if longest >= SoundChecks.shortestClip { clip(end - min(longest, SoundChecks.shortestClip)..<end) }
    }
  }

  /// Adds clipped samples to the clip that they continue, to the clips that they are near to, or to new ones.
  private mutating func clip(_ samples: Range<Int>) {
    guard var last = clipped.last, samples.lowerBound - last.span.upperBound < sampleRate else {
      clipped.append(Clips(span: samples, samples: samples.count))
      return
    }
    if samples.lowerBound > last.span.upperBound { last.count += 1 }
    last.samples += samples.upperBound - max(samples.lowerBound, last.span.upperBound)
    last.span = last.span.lowerBound..<samples.upperBound
    clipped[clipped.count - 1] = last
  }

  private func isLong(_ samples: Int, _ rule: CheckRules.Rule) -> Bool {
    samples * 1000 >= rule.longerThan.count * sampleRate
  }

  private func time(_ sample: Int) -> Milliseconds { Milliseconds((sample * 1000 + sampleRate / 2) / sampleRate) }
}

/// The largest magnitude.
private func peak(_ samples: UnsafeBufferPointer<Float>) -> Float {
  var result: Float = 0
  for sample in samples where abs(sample) > result { result = abs(sample) }
  return result
}
