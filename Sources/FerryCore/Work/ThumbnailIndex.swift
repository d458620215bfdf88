extension TranscodeOutcome.Thumbnails {
  /// The WebVTT file that tells a player where in the sheet, a file called `name`, the picture of each moment is.
  package func index(of name: String, duration: Milliseconds) -> String {
    var text = "WEBVTT\n"
    for number in 0..<count {
      let start = number * interval.count
      let end = number == count - 1 ? duration.count : min(start + interval.count, duration.count)
      // A title that ends before a picture's time has no use for it.
      if start >= end { break }
      let x = number % columns * width
      let y = number / columns * height
      text += "\n\(timestamp(start)) --> \(timestamp(end))\n\(name)#xywh=\(x),\(y),\(width),\(height)\n"
    }
    return text
  }
}

/// Such as `00:01:02.345`.
private func timestamp(_ milliseconds: Int) -> String {
  let seconds = milliseconds / 1000
  let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
  return parts.joined(separator: ":") + "." + padded(milliseconds % 1000, 3)
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
