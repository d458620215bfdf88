import Testing

@testable import FerryMedia

/// Which picture each frame of a constant rate shows.
@Suite struct ConstantRates {
  /// The number of the picture in every frame, for pictures that begin at `times` and end at `end`.
  private func shown(_ times: [Double], end: Double, rate: Double) -> [Int] {
    var timing = ConstantRate()
    var result: [Int] = []
    for (index, time) in times.enumerated() where index > 0 {
      result += Array(repeating: index - 1, count: timing.repeats(until: time, rate: rate))
    }
    result += Array(repeating: times.count - 1, count: timing.repeats(toEnd: end, rate: rate))
    #expect(timing.next == result.count)
    return result
  }

  @Test(arguments: [24, 25, 30, 30000.0 / 1001])
  func theSameRateShowsEveryPictureOnce(rate: Double) {
    let times = (0..<5000).map { Double($0) / rate }
    #expect(shown(times, end: 5000 / rate, rate: rate) == Array(0..<5000))
  }

  @Test func jitterBelowAQuarterOfAFrameChangesNothing() {
    let jitter = [0, 0.2, -0.2, 0.24, -0.24, 0.1]
    let times = (0..<240).map { (Double($0) + ($0 == 0 ? 0 : jitter[$0 % jitter.count])) / 24 }
    #expect(shown(times, end: 10, rate: 24) == Array(0..<240))
  }

  @Test func millisecondTimestampsChangeNothing() {
    let times = (0..<3000).map { (Double($0) * 1001 / 30).rounded() / 1000 }
    #expect(shown(times, end: 100.1, rate: 30000.0 / 1001) == Array(0..<3000))
  }

  @Test func halfTheRateTakesEverySecondPictureAtItsOwnTime() {
    let times = (0..<600).map { Double($0) / 60 }
    #expect(shown(times, end: 10, rate: 30) == Array(stride(from: 0, to: 600, by: 2)))
  }

  @Test func aGapRepeatsThePictureBeforeIt() {
    #expect(shown([0, 0.1, 0.5, 0.6], end: 0.7, rate: 10) == [0, 1, 1, 1, 1, 2, 3])
  }

  @Test func theFirstPictureFillsALateStart() {
    #expect(shown([0.3, 0.4], end: 0.5, rate: 10) == [0, 0, 0, 0, 1])
  }

  @Test func theLastPictureIsHeldToTheEnd() {
    #expect(shown([0, 0.1], end: 0.5, rate: 10) == [0, 1, 1, 1, 1])
  }

  @Test func onePictureOfNoLengthIsStillShown() {
    #expect(shown([0], end: 0, rate: 25) == [0])
  }

  @Test func timesThatGoBackwardsWriteNothing() {
    #expect(shown([0, 0.2, 0.1, 0.3], end: 0.4, rate: 10) == [0, 0, 2, 3])
  }
}
