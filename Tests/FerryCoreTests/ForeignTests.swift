import FerryCore
import Testing

struct ForeignTests {
  private static let extremes: [Int] = [.min, .min + 1, -1, 0, 1, 1 << 31, 1 << 53, .max - 1, .max]

  @Test(arguments: extremes, extremes)
  func arithmeticIsExactOrNothing(_ a: Int, _ b: Int) {
    func expect(_ result: Foreign<Int>?, _ exact: (partialValue: Int, overflow: Bool)) {
      #expect(result?.value == (exact.overflow ? nil : exact.partialValue))
    }
    expect(Foreign(a) + Foreign(b), a.addingReportingOverflow(b))
    expect(Foreign(a) - Foreign(b), a.subtractingReportingOverflow(b))
    expect(Foreign(a) * Foreign(b), a.multipliedReportingOverflow(by: b))
    expect(Foreign(a) / Foreign(b), a.dividedReportingOverflow(by: b))
    let sum = Double(a) + Double(b)
    #expect((Double(a.adding(bounded: b)) - max(min(sum, 0x1p63), -0x1p63)).magnitude <= 2048)
    let difference = Double(a) - Double(b)
    #expect((Double(a.subtracting(bounded: b)) - max(min(difference, 0x1p63), -0x1p63)).magnitude <= 2048)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e308, -1e308, 0x1p63])
  func whatIsNoWholeNumberIsNothing(_ number: Double) {
    #expect(Foreign<Int>(number) == nil)
    #expect(Milliseconds(foreign: number) == nil)
    #expect(Milliseconds.possible.contains(Milliseconds(seconds: number).count))
    #expect(Milliseconds.possible.contains(CueTime(seconds: number).milliseconds))
    #expect(Int32(bounded: number) == (number.isNaN ? 0 : number > 0 ? .max : .min))
  }

  @Test(arguments: extremes) func timesAreBounded(_ count: Int) {
    #expect(Milliseconds.possible.contains(Milliseconds(count).count))
    #expect(Milliseconds.possible.contains(CueTime(milliseconds: count).milliseconds))
    #expect((Milliseconds(Foreign(count)) == nil) == !Milliseconds.possible.contains(count))
    #expect(Milliseconds(Duration.seconds(count)).count.magnitude <= Milliseconds.possible.upperBound.magnitude)
  }

  @Test func nearNumbersAreRounded() {
    #expect(Foreign<Int>(2.5)?.value == 3)
    #expect(Int(bounded: -2.4) == -2)
    #expect(Milliseconds(foreign: 1.2345)?.count == 1235)
    #expect(Foreign(7).trusted(in: 1...6) == nil)
    #expect(Foreign(6).trusted(in: 1...6) == 6)
  }

  @Test(arguments: [
    (#"{"lessons":[{},{"a b":"1e999","duration_ms":9223372036854775807}]}"#, "lessons[1].duration_ms"),
    (#"{"a":[1,2,[3,-1e16]]}"#, "a[2][1]"), (#"{"a":{"b\"":1},"c":1e999}"#, "c"), ("99999999999999999999", ""),
    (#"[{"x":1}, {"y" : -9223372036854775808}]"#, "[1].y"), (#"{"a":1-1}"#, "a"),
  ])
  func anAbsurdNumberIsNamed(_ document: String, _ path: String) {
    #expect(throws: (ForeignJSON.Absurd).self) { try ForeignJSON.check(Array(document.utf8)) }
    do { try ForeignJSON.check(Array(document.utf8)) } catch { #expect(error.path == path) }
  }

  @Test(arguments: [
    #"{"a":[1,-2.5e3,"9223372036854775807"],"b":"\\\"99999999999999999999"}"#, "", "{", "\"", "\"\\", "[[[", "]]]", "1",
    "{]:,}",
  ])
  func otherDocumentsPass(_ document: String) throws { try ForeignJSON.check(Array(document.utf8)) }
}
