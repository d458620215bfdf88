internal import FerryCore

/// How much a reading of some bytes looks like Chinese that somebody wrote.
///
/// Two witnesses, because either alone can be fooled by a short line. The level-1 share: both GB 2312 and Big5 put the
/// characters of everyday use in a first level and the rest behind it, so the wrong one of the two readings is full
/// of rare characters. The common share: of the Han characters read, how many are among the five hundred most used.
struct HanEvidence {
  let encoding: TextEncoding
  let levelOneShare: Double
  let commonShare: Double

  /// Written text has 0.9 to 1.0 and traditional characters in GB18030 0.5 to 0.9 on level 1, and 0.3 to 0.8 common
  /// ones; a wrong reading has at most 0.2 common ones (single lines of lessons, both scripts, both encodings).
  var isChinese: Bool { levelOneShare >= 0.5 && commonShare >= 0.25 }

  var description: String {
    "\(encoding.rawValue): level-1 share \(HanEvidence.rounded(levelOneShare)), common \(HanEvidence.rounded(commonShare))"
  }

  init(_ encoding: TextEncoding, bytes: [UInt8], text: [UInt8]) {
    self.encoding = encoding
    levelOneShare = HanEvidence.levelOneShare(bytes, encoding)
    var han = 0
    var common = 0
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where scalar.isHan {
      han += 1
      if mostUsed.contains(scalar) { common += 1 }
    }
    commonShare = han == 0 ? 0 : Double(common) / Double(han)
  }

  /// Of the characters that are no symbols, the share on level 1.
  private static func levelOneShare(_ bytes: [UInt8], _ encoding: TextEncoding) -> Double {
    var levelOne = 0
    var all = 0
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      guard lead >= 0x81, index + 1 < bytes.count else {
        index += 1
        continue
      }
      let trail = bytes[index + 1]
      if encoding == .gb18030, (0x30...0x39).contains(trail) {
        all += 1
        index += 4
        continue
      }
      index += 2
      if encoding == .gb18030 {
        if (0xA1...0xA9).contains(lead), trail >= 0xA1 { continue }
        if (0xB0...0xD7).contains(lead), trail >= 0xA1 { levelOne += 1 }
      } else {
        if (0xA1...0xA3).contains(lead) { continue }
        if (0xA4...0xC6).contains(lead) { levelOne += 1 }
      }
      all += 1
    }
    return all == 0 ? 0 : Double(levelOne) / Double(all)
  }

  static func rounded(_ share: Double) -> String {
    let hundredths = Int((share * 100).rounded())
    return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)"
  }
}

extension Unicode.Scalar {
  /// Whether it is a Chinese character, or a stroke or radical of one; punctuation, kana and Hangul are not.
  var isHan: Bool {
    switch value {
    case 0x2E80...0x2FDF, 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0x20000...0x323AF:
      true
    default: false
    }
  }
}

private let mostUsed = Set(
  """
  的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度
  家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心
  反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求
  老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压
  志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马
  节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般
  史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红
  細引聽該鐵價嚴這為個國時來們於對會發動過說產種後學經進著電裡現實兩體機當點從業應開還無義樣與關線內數麼質氣變條沒結解問軍題黨員總設長頭資邊級
  圖統較將組見計別論運農幾區強決幹戰則據處隊給門規熱領東導壓爭濟階術極聯認權證採轉單風帶場車務萬達積議聲報鬥類離華張馬節話況溫傳許廣記須際驗連
  斷難礦備辦習響約勞團歷構稱準號維劃選標寫親養層專狀廠識適屬圓調滿縣參紅請謝讓講請课谢让讲师師吗嗎吧呢呀您谁誰
  """.unicodeScalars.filter(\.isHan))
