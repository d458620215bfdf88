import FerryCore
import Foundation
import Testing

/// The judge of caps, and what holds chunks to them.
struct LeakyBucketTests {
  private let second = Rational(10, 1)

  @Test func aSteadyStreamAtItsRateIsKept() {
    var bucket = LeakyBucket(size: 2000, rate: 1000, frameRate: second)
    for _ in 0..<1000 { bucket.take(bits: 100) }
    #expect(bucket.isKept && bucket.lowest == 1700)
  }

  @Test(arguments: [(1800, true), (1801, false)])
  func aBurstMayTakeWhatIsThere(bits: Int, isKept: Bool) {
    var bucket = LeakyBucket(size: 2000, rate: 1000, frameRate: second)
    bucket.take(bits: bits)
    #expect(bucket.isKept == isKept)
    bucket.take(bits: 0)
    #expect(bucket.isKept == isKept, "a cap that was broken stays broken")
  }

  @Test func aLittleTooMuchIsFoundInTheEnd() {
    var bucket = LeakyBucket(size: 2000, rate: 1000, frameRate: second)
    var pictures = 0
    while bucket.isKept && pictures < 10_000 {
      bucket.take(bits: 101)
      pictures += 1
    }
    #expect(
      (1700...1800).contains(pictures), "1800 bits of credit, one more taken than comes in with each: \(pictures)")
  }

  /// Chunks that each take all that their own cap allows, at whichever end, keep to the joined stream's.
  @Test(arguments: [(6_000_000, 12_000_000), (300_000, 600_000), (1_000_000, 500_000), (100_000, 4_000_000)])
  func theStrictCapHoldsWhateverTheNeighboursLeave(rate: Int, buffer: Int) {
    let rendition = Rendition(
      codec: .h264, width: 64, height: 64, rateFactor: 21, maximumRate: rate, bufferSize: buffer, preset: "veryfast")
    let recipe = VideoRecipe(
      sourceStream: 0, rotation: 0, isMirrored: false, scan: .progressive, frameRate: Rational(25, 1),
      keyFrameInterval: 50, segmentLength: 100, chunkLength: 100,
      colour: .init(primaries: "bt709", transfer: "bt709", matrix: "bt709", isFullRange: false),
      renditions: [rendition], isCopied: false)
    let cap = BitRateCap(rendition, recipe, isStrict: true)
    #expect(cap.rate > rate / 2 && cap.buffer < buffer && cap.fill > 0)
    for takesAtTheEnd in [[false], [true], [true, false], [false, true, true]] {
      var joined = LeakyBucket(rendition, frameRate: recipe.frameRate)
      for chunk in 0..<60 {
        var fill = cap.fill * Double(cap.buffer)
        let isLate = takesAtTheEnd[chunk % takesAtTheEnd.count]
        for picture in 0..<100 {
          let bits = !isLate || picture == 99 ? fill.rounded(.down) : 0
          joined.take(bits: Int(bits))
          fill = min(fill - bits + Double(cap.rate) / 25, Double(cap.buffer))
        }
      }
      #expect(joined.isKept, "\(takesAtTheEnd): \(joined.lowest)")
    }
  }

  /// Recipes of before have threads and no chunks; they are still read, and are one chunk.
  @Test func aRecipeOfBeforeIsStillRead() throws {
    let old = """
      {"sourceStream":0,"rotation":0,"isMirrored":false,"scan":"progressive","frameRate":"25","isCopied":false,
       "keyFrameInterval":50,"segmentLength":100,
       "colour":{"primaries":"bt709","transfer":"bt709","matrix":"bt709","isFullRange":false},
       "renditions":[{"codec":"h264","width":1280,"height":720,"rateFactor":21,"maximumRate":3500000,
       "bufferSize":7000000,"preset":"veryfast","encoderThreads":2}]}
      """
    let recipe = try JSONDecoder().decode(VideoRecipe.self, from: Data(old.utf8))
    #expect(
      recipe.chunkLength == nil && recipe.chunk(of: 123_456) == 0 && recipe.pictures(ofChunk: 0).contains(123_456))
  }

  @Test(arguments: [(2000, 30), (500, 15), (4000, 60), (10_000, 30), (3000, 25)])
  func aChunkIsWholeGroupsOfFourSecondsOrMore(keyFrames: Int, rate: Int) throws {
    var rules = try #require(Profile.web.video)
    rules.keyFrameInterval = Milliseconds(keyFrames)
    let facts = VideoFacts(
      width: 640, height: 360, sampleAspect: Rational(1, 1), displayAspect: Rational(16, 9), rotation: 0,
      isMirrored: false, averageFrameRate: Rational(rate, 1), realFrameRate: Rational(rate, 1),
      isVariableFrameRate: false, pixelFormat: "yuv420p", bitDepth: 8, colourRange: nil, colourPrimaries: nil,
      colourTransfer: nil, colourMatrix: nil, interlacing: .progressive, mayBeInterlaced: false)
    let recipe = VideoRecipe(rules, for: facts, stream: 0)
    let length = try #require(recipe.chunkLength)
    #expect(length % recipe.keyFrameInterval == 0)
    #expect(
      Double(length) / recipe.frameRate.value >= 4 && length - recipe.keyFrameInterval < Int(4 * recipe.frameRate.value)
    )
  }
}
