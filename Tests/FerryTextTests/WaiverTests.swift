import FerryCore
import Testing

@Suite struct WaiverTests {
  private func finding(_ rule: String, _ severity: TextFinding.Severity = .error) -> TextFinding {
    TextFinding(
      rule: rule, severity: severity, profile: "iite-en", file: "t.srt", line: 2, cue: nil, measure: nil, message: "m",
      hint: nil, source: RuleSource("s", "https://example.org"))
  }

  private func waiver(_ rule: String, _ reason: String = "agreed with the partner", line: Int = 7) -> Waiver {
    Waiver(rule: rule, reason: reason, place: Place("job.yaml", line: line, column: 9))
  }

  @Test func anErrorHoldsTheTitleUnlessItIsWaived() {
    let found = [finding("read.cps"), finding("text.cpl", .warning), finding("read.cps", .warning)]
    let held = found.waived(by: [])
    #expect(held.holdsTitle && held.held == found && held.waived.isEmpty && held.problems.isEmpty)
    let waived = found.waived(by: [waiver("read.cps")])
    #expect(!waived.holdsTitle)
    #expect(waived.held == [found[1]])
    #expect(waived.waived == [found[0], found[2]])
    #expect(waived.problems.isEmpty)
    #expect(![finding("text.cpl", .warning), finding("text.cpl", .info)].waived(by: []).holdsTitle)
  }

  @Test func aWaiverThatIsWrongIsTold() {
    func said(_ waivers: [Waiver], _ found: [TextFinding] = [finding("read.cps"), finding("enc.control")]) -> [String] {
      found.waived(by: waivers).problems.map(\.description)
    }
    #expect(
      said([waiver("reed.cps")]) == [
        "job.yaml:7:9: error: there is no rule 'reed.cps'\n  hint: did you mean 'read.cps'?"
      ])
    #expect(
      said([waiver("everything")]) == [
        "job.yaml:7:9: error: there is no rule 'everything'\n  hint: waive a rule by the name that `ferry check` prints"
      ])
    for rule in ["enc.control", "fmt.parse", "enc.mixed"] {
      #expect(
        said([waiver(rule)]) == [
          "job.yaml:7:9: error: '\(rule)' cannot be waived\n"
            + "  hint: the file is damaged or was not read whole: it must be mended"
        ])
    }
    #expect([finding("enc.control")].waived(by: [waiver("enc.control")]).holdsTitle)
    #expect(
      said([waiver("read.cps", "  ")]) == [
        "job.yaml:7:9: error: the waiver of 'read.cps' gives no reason\n  hint: say why the partner can take it as it is"
      ])
    #expect([finding("read.cps")].waived(by: [waiver("read.cps", "")]).holdsTitle)
    #expect(
      said([waiver("time.gap")]) == [
        "job.yaml:7:9: warning: nothing breaks 'time.gap': the waiver has no effect\n"
          + "  hint: remove it, so that it does not hide what comes later"
      ])
    #expect(
      said([waiver("read.cps"), waiver("read.cps", line: 8)]) == [
        "job.yaml:8:9: error: 'read.cps' is waived twice\n  hint: it is waived already at job.yaml:7:9; remove one of them"
      ])
  }
}

extension WaivedFindings {
  /// Errors hold a title; warnings and infos never do.
  fileprivate var holdsTitle: Bool { held.contains { $0.severity == .error } }
}
