import FerryCore
import Testing

@testable import FerryRules
@testable import FerryText

/// A lesson as good translators deliver it: whatever the checks warn about here is a false alarm.
@Suite struct GoodLessonTests {
  private static let script: [(chinese: String, english: String)] = [
    ("大家好，欢迎来到第三课", "Hello everyone,\nand welcome to lesson three."),
    ("今天我们一起学习两个问题", "Today we look at two questions."),
    ("第一，什么是机器学习？", "First, what is machine learning?"),
    ("第二，它能做什么？", "And second, what can it do?"),
    ("2020年3月，《自然》杂志发表了一篇文章", "In March 2020, the journal “Nature”\npublished an article."),
    ("作者测试了1.2万张图片", "The authors tested it\non twelve thousand pictures."),
    ("准确率达到百分之九十六点五", "It reached an accuracy of 96.5%."),
    ("人的平均成绩只有百分之八十左右", "People reach only\nabout 80 per cent on average."),
    ("千万不要以为机器什么都懂", "But never think\nthat a machine understands everything."),
    ("请看这段 Python 代码", "Look at this Python code:"),
    ("import numpy as np", "import numpy as np"),
    ("如果 x < 0.5，就输出“否”", "If x < 0.5, it answers “no”."),
    ("王老师说：“三十七点三度不算发烧”", "“37.3 degrees is no fever,”\nsays Mr Wang."),
    ("我们用20世纪90年代的数据再试一次", "We try again\nwith data from the 1990s."),
    ("下午3点半，实验结束了", "The experiment ended\nat half past three."),
    ("结果差了一半……", "The result was off by half…"),
    ("（掌声）", "(applause)"),
    ("十四亿人中有多少人用过它？", "How many of 1.4 billion people\nhave used it?"),
    ("至少有一百五十万", "One and a half million at least."),
    ("一般来说，这已经十分不错了", "Generally speaking,\nthat is already quite good."),
    ("有人把「口罩」写成「口照」", "Some write 「口照」 for 「口罩」."),
    ("这一步一共要做三四十分钟", "This step takes\nsome thirty or forty minutes."),
    ("谢谢大家，下节课再见", "Thank you, and see you next time!"),
  ]

  @Test func aGoodLessonRaisesNoAlarm() {
    var chinese: [Cue] = []
    var english: [Cue] = []
    var time = 1500
    for (source, text) in Self.script {
      let duration = max(2200, text.count * 75)
      chinese.append(cue(time, time + duration, source))
      // Translators shift a start or an end a little.
      english.append(cue(time + chinese.count % 3 * 60, time + duration + chinese.count % 2 * 200, text))
      time += duration + 900
    }
    let media = TextChecks.MediaFacts(
      duration: .milliseconds(time + 3000), frameRate: Rational(25, 1), displayAspect: Rational(16, 9))
    let source = track(chinese, "zh-Hans")
    let found =
      TextChecks.run(.init(track: track(english), file: "e.srt", media: media, source: source))
      + TextChecks.run(.init(track: source, file: "c.srt", media: media))
    let alarms = found.filter { $0.severity != .info }
    #expect(alarms.isEmpty, "\(alarms.map(\.description).joined(separator: "\n"))")
  }
}
