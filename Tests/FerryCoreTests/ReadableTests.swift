import FerryCore
import Testing

@Suite struct ReadableTests {
  @Test(arguments: [
    (0, "0:00.000", "0:00.0", "0:00", "00:00:00.000"), (83_456, "1:23.456", "1:23.5", "1:23", "00:01:23.456"),
    (59_960, "0:59.960", "1:00.0", "1:00", "00:00:59.960"),
    (3_723_050, "1:02:03.050", "1:02:03.1", "1:02:03", "01:02:03.050"),
    (-61_500, "-1:01.500", "-1:01.5", "-1:02", "-00:01:01.500"), (-20, "-0:00.020", "0:00.0", "0:00", "-00:00:00.020"),
    (360_000_000, "100:00:00.000", "100:00:00.0", "100:00:00", "100:00:00.000"),
  ])
  func tellsTheTime(count: Int, exact: String, tenths: String, seconds: String, full: String) {
    let time = Milliseconds(count)
    #expect(time.clock() == exact)
    #expect(time.clock(.tenths) == tenths)
    #expect(time.clock(.seconds) == seconds)
    #expect(time.fullClock == full)
    #expect(CueTime(milliseconds: count).clock == full)
  }

  @Test func tellsSpans() {
    #expect(Milliseconds(83_450).seconds() == "83.450 s")
    #expect(Milliseconds(83_450).seconds(.tenths) == "83.5 s")
    #expect(Milliseconds(-1004).seconds(.tenths) == "-1.0 s")
    for (seconds, text) in [
      (0, "0 s"), (119, "119 s"), (120, "2 min"), (150, "3 min"), (7199, "120 min"), (7200, "2 h"), (9000, "3 h"),
      (172_799, "48 h"), (172_800, "2 d"),
    ] {
      #expect(readable(seconds: seconds) == text)
    }
  }

  @Test func tellsSizes() {
    for (bytes, text) in [
      (0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"),
      (999_949_999, "999.9 MB"), (999_950_000, "1.0 GB"), (5_250_000_000, "5.3 GB"),
      (Int.max, "9223372036.8 GB"),
    ] {
      #expect(readable(bytes: bytes) == text)
    }
    #expect(readable(bytes: 12, unit: "B") == "12 B")
  }

  @Test func writesDecimals() {
    #expect(
      [29.97, 25, 23.976, -0.04, 100, 0.05, .nan].map { $0.short(decimals: 2) } == [
        "29.97", "25", "23.98", "-0.04", "100", "0.05", "0",
      ])
    #expect([12.34, -12.36, -0.04, 7].map(\.short) == ["12.3", "-12.4", "0", "7"])
    #expect([12.34, -0.04, 7].map(\.tenths) == ["12.3", "0.0", "7.0"])
    #expect((1.04271).fixed(4) == "1.0427" && Double.infinity.fixed(1) == "112589990684262.4")
  }
}
