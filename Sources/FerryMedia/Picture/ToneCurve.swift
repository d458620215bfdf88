internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// What one colour of an HDR picture becomes on a BT.709 screen.
///
/// Light rolls off as in ITU-R BT.2390, section 5.4.1, towards a white of 203 cd/m², which is where BT.2408 puts the
/// diffuse white of HDR programmes. Shadows and skin keep their brightness beside it, diffuse white comes to about 85 %
/// of the signal, and highlights share what is left.
struct ToneCurve: Sendable {
  private let isHybridLogGamma: Bool
  private let isFullRange: Bool
  private let lumaWeights: (red: Double, blue: Double)
  /// Light of the source's primaries to light of BT.709's, by columns.
  private let toBT709: (red: SIMD3<Double>, green: SIMD3<Double>, blue: SIMD3<Double>)
  private let peakSignal: Double
  private let whiteSignal: Double
  private let kneeStart: Double

  /// The brightest light of a usual master and of the HLG reference display, in cd/m².
  private static let usualPeak = 1000.0
  /// Light that becomes the full signal, in cd/m².
  private static let white = 203.0

  /// `peak` is the brightest light of a PQ source in cd/m².
  init(_ colour: VideoRecipe.Colour, peak: Double) {
    isHybridLogGamma = colour.transfer == "arib-std-b67"
    isFullRange = colour.isFullRange
    lumaWeights = colour.matrix == "bt709" ? (0.2126, 0.0722) : (0.2627, 0.0593)
    toBT709 =
      switch colour.primaries {
      case "bt709": ([1, 0, 0], [0, 1, 0], [0, 0, 1])
      case "smpte432": ([1.2249, -0.0420, -0.0197], [-0.2249, 1.0420, -0.0786], [0, 0, 1.0983])
      // HDR in other primaries than BT.2020's is not made.
      default: ([1.6605, -0.1246, -0.0182], [-0.5876, 1.1329, -0.1006], [-0.0728, -0.0083, 1.1187])
      }
    // Below twice the white there is nothing to roll off.
    peakSignal = ToneCurve.signal(
      ofLight: isHybridLogGamma ? ToneCurve.usualPeak : max(2 * ToneCurve.white, min(10_000, peak)))
    whiteSignal = ToneCurve.signal(ofLight: ToneCurve.white) / peakSignal
    // BT.2390's own 1.5 and 0.5 leave a bright sky or a lit wall no more than 10 % of the signal.
    kneeStart = max(0, 1.9 * whiteSignal - 0.9)
  }

  /// The brightest light that a picture is said to hold, in cd/m²: its own, or else its master's, or else the usual.
  static func peak(of frame: borrowing Frame) -> Double {
    if let side = av_frame_get_side_data(frame.raw, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL), let data = side.pointee.data {
      let level = UnsafeRawPointer(data).load(as: AVContentLightMetadata.self)
      if level.MaxCLL > 0 { return Double(level.MaxCLL) }
    }
    if let side = av_frame_get_side_data(frame.raw, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
      let data = side.pointee.data
    {
      let master = UnsafeRawPointer(data).load(as: AVMasteringDisplayMetadata.self)
      if master.has_luminance != 0, master.max_luminance.den > 0 { return av_q2d(master.max_luminance) }
    }
    return usualPeak
  }

  /// 10-bit codes of luma and both chromas to 8-bit ones of BT.709 in limited range, which have a fraction here.
  func codes(_ y: Int, _ cb: Int, _ cr: Int) -> SIMD3<Double> {
    let luma = isFullRange ? Double(y) / 1023 : (Double(y) - 64) / 876
    let blue = Double(cb - 512) / (isFullRange ? 1023 : 896)
    let red = Double(cr - 512) / (isFullRange ? 1023 : 896)
    let (kr, kb) = lumaWeights
    let r = luma + 2 * (1 - kr) * red
    let b = luma + 2 * (1 - kb) * blue
    let light = rolledOff(SIMD3(r, (luma - kr * r - kb * b) / (1 - kr - kb), b))
    let inside = toBT709.red * light.x + toBT709.green * light.y + toBT709.blue * light.z
    // What BT.709 cannot show is cut off, as a screen would do; then the inverse of BT.1886.
    let shown = inside.each { pow(min(1, max(0, $0)), 1 / 2.4) }
    let outY = 0.2126 * shown.x + 0.7152 * shown.y + 0.0722 * shown.z
    return SIMD3(16 + 219 * outY, 128 + 224 * (shown.z - outY) / 1.8556, 128 + 224 * (shown.x - outY) / 1.5748)
  }

  /// Light of an HDR signal, 1 for the white of a standard screen.
  private func rolledOff(_ signal: SIMD3<Double>) -> SIMD3<Double> {
    var light = signal.each(isHybridLogGamma ? ToneCurve.scene : ToneCurve.light)
    if isHybridLogGamma {
      // BT.2100's OOTF for 1000 cd/m².
      let luminance = 0.2627 * light.x + 0.6780 * light.y + 0.0593 * light.z
      light *= ToneCurve.usualPeak * pow(max(luminance, 1e-9), 0.2)
    }
    // One factor for all three: hues stay, and no colour ends brighter than the screen.
    let brightest = light.max()
    return brightest <= 0 ? .zero : light * (rolledOff(brightest) / brightest / ToneCurve.white)
  }

  /// BT.2390's roll-off of one light, in cd/m².
  private func rolledOff(_ light: Double) -> Double {
    let signal = min(1, ToneCurve.signal(ofLight: light) / peakSignal)
    if signal < kneeStart { return light }
    let t = (signal - kneeStart) / (1 - kneeStart)
    let (t2, t3) = (t * t, t * t * t)
    let rolled =
      (2 * t3 - 3 * t2 + 1) * kneeStart + (t3 - 2 * t2 + t) * (1 - kneeStart) + (3 * t2 - 2 * t3) * whiteSignal
    return ToneCurve.light(rolled * peakSignal)
  }

  // SMPTE ST 2084's constants.
  private static let (m1, m2) = (2610.0 / 16384, 2523.0 / 32)
  private static let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 128, 2392.0 / 128)

  /// The PQ signal of a light in cd/m².
  private static func signal(ofLight light: Double) -> Double {
    let power = pow(max(0, light) / 10_000, m1)
    return pow((c1 + c2 * power) / (1 + c3 * power), m2)
  }

  /// The light in cd/m² of a PQ signal.
  private static func light(_ signal: Double) -> Double {
    let power = pow(min(1, max(0, signal)), 1 / m2)
    return 10_000 * pow(max(0, power - c1) / (c2 - c3 * power), 1 / m1)
  }

  /// ARIB STD-B67 backwards: light of the scene, 1 at most.
  private static func scene(_ signal: Double) -> Double {
    let signal = min(1, max(0, signal))
    return signal <= 0.5 ? signal * signal / 3 : (exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
  }
}

extension SIMD3<Double> {
  /// The same function of each of three values.
  fileprivate func each(_ body: (Double) -> Double) -> SIMD3<Double> { SIMD3(body(x), body(y), body(z)) }
}
