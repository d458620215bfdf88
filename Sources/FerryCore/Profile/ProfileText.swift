extension Profile {
  /// The profile as a file that reads back as the same one: to look at, and to begin one's own from.
  package var fileText: String {
    var lines = [
      "ferry-profile: 1", "name: \(name)", "# The keys below replace those of the profile that is extended.",
      "extends: \(Profile.builtIn[name] == nil ? "web" : name)",
      "outputs: [\(Output.allCases.filter(outputs.contains).map(\.rawValue).joined(separator: ", "))]",
    ]
    lines += video.map(self.lines(of:)) ?? ["video: none"]
    lines += self.lines(of: audio)
    let files = TextFile.allCases.filter(text.files.contains).map(\.rawValue).joined(separator: ", ")
    lines += ["text: { files: [\(files)], stpp: \(yes(text.stpp)) }"]
    lines += ["stills: { poster: \(yes(stills.poster)), thumbnails: \(yes(stills.thumbnails)) }"]
    lines += self.lines(of: checks)
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(of video: VideoRules) -> [String] {
    ["video:", "  codecs: [\(video.codecs.map(\.rawValue).joined(separator: ", "))]", "  ladder:"]
      + video.ladder.map { rung in
        "    - { lines: \(rung.shortSide), quality: \(number(rung.rateFactor)), max-rate: \(rung.maximumRate / 1000)k, "
          + "buffer: \(rung.bufferSize / 1000)k, preset: \(rung.preset) }"
      } + [
        "  frame-rate: \(video.maximumFrameRate)  # at most; a faster source is divided by a whole number",
        "  key-frames: \(video.keyFrameInterval.count)ms",
        "  segment: \(video.keyFrameInterval.count * video.keyFramesPerSegment)ms",
        "  copy-when-right: \(yes(video.copiesWhenRight))",
      ]
  }

  private func lines(of audio: AudioRules) -> [String] {
    var lines = [
      "audio:", "  codec: \(audio.codec.rawValue)", "  sample-rate: \(audio.sampleRate)",
      "  channels: \(audio.channels == 1 ? "mono" : "stereo")", "  mono: \(audio.mono.rawValue)",
    ]
    if audio.bitRate > 0 { lines.append("  bit-rate: \(audio.bitRate / 1000)k") }
    lines.append("  missing: \(audio.whenMissing.rawValue)")
    if let loudness = audio.loudness {
      lines.append(
        "  loudness: { target: \(number(loudness.integrated)), peak: \(number(loudness.truePeak)), "
          + "limit: \(yes(loudness.mayLimit)) }  # LUFS, dBTP")
    } else {
      lines.append("  loudness: keep")
    }
    return lines
  }

  private func lines(of checks: CheckRules) -> [String] {
    func rule(_ name: String, _ rule: CheckRules.Rule, _ threshold: String) -> String {
      "  \(name): { longer-than: \(rule.longerThan.count)ms, threshold: \(threshold), severity: \(rule.severity.rawValue) }"
    }
    return [
      "checks:", rule("black", checks.black, "\(number(checks.black.threshold * 100)) %"),
      rule("frozen", checks.frozen, "\(number(checks.frozen.threshold * 100)) %"),
      rule("silent", checks.silent, "\(number(checks.silent.threshold)) dB"),
      rule("clipped", checks.clipped, "\(number(checks.clipped.threshold)) dB"),
      "  field-order: \(checks.fieldOrder.rawValue)", "  picture-size: \(checks.pictureSize.rawValue)",
    ]
  }

  private func yes(_ value: Bool) -> String { value ? "yes" : "no" }

  /// Without a fraction of zero.
  private func number(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
}
