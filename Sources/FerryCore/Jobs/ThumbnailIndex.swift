extension TranscodeOutcome.Thumbnails {
  package func index(sheet: String, duration: Milliseconds) -> String { "WEBVTT\n" }
}
